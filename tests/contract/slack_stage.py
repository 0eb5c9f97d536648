"""Slack's adapter on a stage: the real client, the stand-in, and somebody in a channel."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.clock import SystemClock
from bot.adapters.slack.client import slack_client
from bot.adapters.slack.hearing import COMMAND
from bot.adapters.slack.http import HttpGateway
from bot.adapters.slack.pace import UNHURRIED as UNHURRIED_BOT
from bot.adapters.slack.pace import Pace
from bot.adapters.slack.platform import SlackPlatform
from bot.adapters.slack.scopes import needed
from bot.adapters.slack.sockets import DEFAULT_TIMES, SocketGateway, SocketTimes
from bot.domain.person import Person, Platform
from bot.domain.subscription import Place
from bot.ports.chat import MessageRef, Receive
from bot.ports.commands import CommandSpec, OptionSpec
from bot.standins.slack import App, Exchange, Limits, SlackServer
from bot.standins.slack.model import Message
from bot.standins.slack.reading import calls
from bot.standins.slack.seen import Seen
from tests.standins.slack_world import ANA, CI, a_workspace, served

PLACE = Place(platform=Platform.SLACK, channel=CI)
PERSON = Person(platform=Platform.SLACK, id=ANA, name="ana")
STATUS = CommandSpec(
    name="status",
    description="State",
    options=(OptionSpec(name="repo", description="Repository"),),
)
UNHURRIED = Limits(rated=False)


async def until(condition: Callable[[], object]) -> None:
    """Wait for what only shows when one looks."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - sockets on both sides tell nobody
            await asyncio.sleep(0.01)


@dataclass
class SlackReply:
    """What ana sees of something she did, her direct messages included."""

    slack: SlackServer
    seen: Seen

    @property
    def text(self) -> str:
        return "\n".join(self.seen.texts)

    @property
    def private(self) -> bool:
        return all(message.to == ANA for message in self.seen.messages)

    @property
    def files(self) -> Sequence[bytes]:
        direct = self.slack.workspace.direct(ANA)
        return [file.content or b"" for message in direct.messages for file in message.files]

    async def settled(self) -> None:
        """Nothing is promised in Slack: an answer is there or it is not."""


@dataclass
class SlackStage:
    slack: SlackServer
    chat: SlackPlatform
    place: Place = PLACE
    person: Person = PERSON
    callee: str = "slack:group:S0OPS"
    called: dict[str, set[str]] = field(default_factory=dict)
    url: str = ""
    """Where the bot takes Slack's requests; empty for Socket Mode."""

    def note(self, exchange: Exchange) -> None:
        """Remember whom a message called when it was posted; an edit calls nobody."""
        if exchange.name == "chat.postMessage" and exchange.answer.get("ok"):
            channel = self.slack.channel(exchange.answer["channel"])
            message = channel.message(exchange.answer["ts"])
            assert message
            self.called[message.ts] = calls(message)

    def text(self, ref: MessageRef) -> str:
        return self.slack.text_of(self._message(ref.message))

    def thread(self, ref: MessageRef) -> Sequence[str]:
        first, *replies = self.slack.channel(CI).thread(ref.message)
        assert first.ts == ref.message
        return [self.slack.text_of(message) for message in replies]

    def messages(self) -> int:
        return sum(not message.is_reply() for message in self.slack.channel(CI).messages)

    def rung(self, ref: MessageRef) -> Sequence[str]:
        return [f"slack:group:{each}" for each in self.called[ref.message]]

    def delete(self, ref: MessageRef) -> None:
        self.slack.workspace.drop(self._message(ref.message))

    def lose_channel(self) -> None:
        self.slack.channel(CI).members.discard(self.slack.workspace.app.bot_user)

    def down(self, *, down: bool) -> None:
        self.slack.down = down

    @asynccontextmanager
    async def listening(self, receive: Receive) -> AsyncIterator[None]:
        task = asyncio.create_task(self.chat.listen(receive))
        try:
            await until(lambda: self.chat.connected)
            if self.url:
                await self.slack.use_http(self.url)
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def press(self, ref: MessageRef, action: str) -> SlackReply:
        seen = await self.slack.press(ANA, channel=CI, ts=ref.message, action_id=f"sj:{action}")
        return SlackReply(self.slack, seen)

    async def command(self, line: str) -> SlackReply:
        return SlackReply(self.slack, await self.slack.command(ANA, CI, COMMAND, line))

    def give_group(self) -> str:
        return "S0OPS"

    def _message(self, ts: str) -> Message:
        message = self.slack.channel(CI).message(ts)
        assert message
        return message


@asynccontextmanager
async def world(limits: Limits = UNHURRIED) -> AsyncIterator[tuple[SlackServer, AsyncWebClient]]:
    """Serve a Slack whose app has the manifest's scopes and no others."""
    workspace = a_workspace(app=App(scopes=needed()))
    async with (
        served(workspace, limits) as slack,
        slack_client(token=workspace.app.bot_token, api_url=slack.api_url) as client,
    ):
        yield slack, client


def staged(
    slack: SlackServer, client: AsyncWebClient, gateway: SocketGateway | HttpGateway
) -> SlackStage:
    pace = Pace(UNHURRIED_BOT)
    chat = SlackPlatform(client, gateway=gateway, clock=SystemClock(), pace=pace)
    stage = SlackStage(slack, chat)
    slack.observe(stage.note)
    return stage


@asynccontextmanager
async def by_socket(
    limits: Limits = UNHURRIED, times: SocketTimes = DEFAULT_TIMES
) -> AsyncIterator[SlackStage]:
    async with world(limits) as (slack, client):
        gateway = SocketGateway(
            client,
            app_token=slack.workspace.app.app_token,
            commands=[STATUS],
            clock=SystemClock(),
            times=times,
        )
        yield staged(slack, client, gateway)


@asynccontextmanager
async def by_http() -> AsyncIterator[SlackStage]:
    async with world() as (slack, client), AsyncExitStack() as cleanup:
        secret = slack.workspace.app.signing_secret
        gateway = HttpGateway(client, signing_secret=secret, commands=[STATUS], clock=SystemClock())
        stage = staged(slack, client, gateway)
        stage.url = await mounted(gateway, cleanup)
        yield stage


async def mounted(gateway: HttpGateway, cleanup: AsyncExitStack) -> str:
    app = web.Application()
    app.router.add_post("/slack/events", gateway.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    cleanup.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}/slack/events"
