"""Discord's stand-in with a channel and alice in it, and the real client."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.adapters.discord.pace import UNHURRIED, Pace
from bot.adapters.discord.platform import DiscordPlatform
from bot.domain.person import Person, Platform
from bot.domain.subscription import Place
from bot.ports.chat import MessageRef, Receive
from bot.ports.commands import CommandSpec, OptionSpec
from bot.standins.discord import Channel, DiscordServer, Role, Seen, User
from bot.standins.discord.model import Message
from tests.contract.chat_contract import Reply, Stage

COMMANDS = (
    CommandSpec(
        name="status",
        description="What is red",
        options=(
            OptionSpec(name="repo", description="A repository", suggests=True),
            OptionSpec(name="branch", description="A branch"),
        ),
    ),
    CommandSpec(name="help", description="What I can do"),
)


@dataclass
class ClockByHand:
    moment: datetime = field(default=datetime(2026, 11, 24, 14, 8, tzinfo=UTC))

    def now(self) -> datetime:
        return self.moment


@dataclass
class DiscordReply:
    seen: Seen

    @property
    def text(self) -> str:
        return self.seen.text

    @property
    def private(self) -> bool:
        return self.seen.private

    @property
    def files(self) -> Sequence[bytes]:
        return [each.data for message in self.seen.messages for each in message.attachments]

    async def settled(self) -> None:
        await self.seen.settled()


@dataclass
class DiscordStage:
    server: DiscordServer
    builds: Channel
    alice: User
    fighters: Role
    clock: ClockByHand
    chat: DiscordPlatform

    @property
    def place(self) -> Place:
        return Place(platform=Platform.DISCORD, channel=str(self.builds.id))

    @property
    def person(self) -> Person:
        return Person(platform=Platform.DISCORD, id=str(self.alice.id), name="alice")

    @property
    def callee(self) -> str:
        return f"discord:role:{self.fighters.id}"

    def message(self, ref: MessageRef) -> Message:
        return self.server.world.message(int(ref.thread or ref.place.channel), int(ref.message))

    def text(self, ref: MessageRef) -> str:
        return self.server.text_of(self.message(ref))

    def thread(self, ref: MessageRef) -> Sequence[str]:
        said = self.server.channel(int(ref.message)).messages
        return [message.content.rstrip(INVISIBLE) for message in said if message.content]

    def messages(self) -> int:
        return len(self.builds.messages)

    def rung(self, ref: MessageRef) -> Sequence[str]:
        pings = self.message(ref).pings
        assert not pings.everyone
        users = [f"discord:user:{id}" for id in pings.users]
        return users + [f"discord:role:{id}" for id in pings.roles]

    def delete(self, ref: MessageRef) -> None:
        self.server.estate.remove_message(self.builds.id, int(ref.message))

    def lose_channel(self) -> None:
        self.server.estate.remove_channel(self.builds)

    def down(self, *, down: bool) -> None:
        self.server.down = down

    @asynccontextmanager
    async def listening(self, receive: Receive) -> AsyncIterator[None]:
        async with running(self.chat, receive):
            await self.server.online()
            await until(lambda: self.chat.connected)
            yield

    async def press(self, ref: MessageRef, action: str) -> Reply:
        custom_id = f"sj:{action}:12:812:1"
        channel, message = int(ref.thread or ref.place.channel), int(ref.message)
        if "menu" in action or action == "resolve":
            chosen = ("sj:menu", [custom_id])
            return DiscordReply(await self.server.choose(self.alice, channel, message, chosen))
        return DiscordReply(await self.server.press(self.alice, channel, message, custom_id))

    async def command(self, line: str) -> Reply:
        word, *rest = line.split()
        options = dict(zip(("repo", "branch"), rest, strict=False))
        return DiscordReply(
            await self.server.command(self.alice, self.builds.id, f"build {word}", options)
        )

    def give_group(self) -> str:
        self.server.estate.give_roles(self.server.guild, self.alice, self.fighters)
        return str(self.fighters.id)


INVISIBLE = "\u200b\u200c\u2060\u2063"


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not happened():  # noqa: ASYNC110 - the client sets no event for us
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(chat: DiscordPlatform, receive: Receive) -> AsyncIterator[None]:
    task = asyncio.create_task(chat.listen(receive))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def platform(server: DiscordServer, clock: ClockByHand) -> DiscordPlatform:
    return DiscordPlatform(
        token=server.token,
        clock=clock,
        commands=COMMANDS,
        api_url=server.api_url,
        gateway_url=server.gateway_url,
        pace=Pace(UNHURRIED),
    )


def _promise(stage: DiscordStage) -> Stage:
    return stage
