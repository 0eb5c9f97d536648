"""GitHub, Slack and Discord as stand-ins, what the bot is told of them, and people at work."""

import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.cli.stage.logs import TESTS, log_of
from bot.cli.stage.town import SECRET, SLACK_ALICE, SLACK_BO, SLACK_ROOM, Town, a_town
from bot.cli.stage.watching import Shown, Watcher
from bot.domain.person import Platform
from bot.standins import discord as discords
from bot.standins.discord.components import leaves
from bot.standins.github import Run
from bot.standins.slack import Message
from bot.standins.slack.reading import controls
from tests.e2e.bot_process import PATIENCE, Bot, serving, until
from tests.vendor_specs import github as github_spec
from tests.vendor_specs.discord import DiscordSpec
from tests.vendor_specs.slack import SlackSpec

BOTH = (Platform.SLACK, Platform.DISCORD)
FAILED_TEST = "test_total_includes_shipping"


@dataclass
class FarSides:
    """All that is not the bot; `variables` and settings.toml are what an operator writes."""

    town: Town
    folder: Path
    variables: dict[str, str]
    watcher: Watcher = field(init=False)

    @property
    def settings(self) -> Path:
        return self.folder / "settings.toml"

    def __post_init__(self) -> None:
        self.watcher = Watcher(self.town, say=lambda _: None)

    def settle(self, *platforms: Platform, private: bool = False) -> None:
        """Write settings.toml with the room of each of *platforms*."""
        rules = self.town.policies.rules
        places = [one.place for one in rules.subscriptions]
        who = [f"slack:user:{user}" for user in (SLACK_ALICE, SLACK_BO)]
        who += [f"discord:user:{user.id}" for user in (self.town.alice, self.town.bo)]
        self.settings.write_text(
            f'[[access]]\nrepositories = ["acme/*"]\nretry = {who}\n\n'
            '[reliability]\nrequest_timeout = "5s"\n',
            encoding="utf-8",
        )
        rooms = [(place.platform, place.channel) for place in places if place.platform in platforms]
        self.settle_also(*rooms, private=private)

    def settle_also(self, *rooms: tuple[str, str], private: bool = False) -> None:
        """Subscribe more channels, each named by its platform and id."""
        with self.settings.open("a", encoding="utf-8") as file:
            for platform, channel in rooms:
                file.write(
                    f'\n[[subscriptions]]\nplatform = "{platform}"\nchannel = "{channel}"\n'
                    f'repositories = ["acme/*"]\nbranches = ["*"]\n'
                    f"private = {str(private).lower()}\n"
                )

    def without(self, *names: str) -> dict[str, str]:
        """Return the environment without what starts so."""
        return {key: text for key, text in self.variables.items() if not key.startswith(names)}

    @asynccontextmanager
    async def bot(self, **changed: str) -> AsyncIterator[Bot]:
        """Run the bot until it hears everything, and let GitHub deliver to it."""
        async with serving(self.folder, self.variables | changed) as running:
            await running.ready()
            self.deliver_to(running)
            yield running
            await self.town.github.delivered()

    def deliver_to(self, running: Bot) -> None:
        repository = self.town.github.repository("acme/app")
        if not repository.hooks:
            repository.hook(f"{running.url}/github", secret=SECRET)
        repository.hooks[0].url = f"{running.url}/github"
        repository.hooks[0].events = frozenset({"*"})

    def deliver_nothing(self) -> None:
        """Let GitHub keep what happens to itself."""
        self.town.github.repository("acme/app").hooks[0].events = frozenset()

    # Builds

    def start(self, workflow: str, *, branch: str = "main", job: str = "unit") -> Run:
        repository = self.town.github.repository("acme/app")
        return repository.workflow(workflow).start(event="push", branch=branch, jobs=[job])

    def break_build(self, workflow: str, *, branch: str = "main", log: bytes | None = None) -> Run:
        """Let a test of the newest commit fail."""
        run = self.start(workflow, branch=branch)
        broken = log_of(TESTS) if log is None else log
        run.finish_job("unit", "failure", log=broken, failed_step="Run tests")
        run.finish("failure")
        return run

    def reruns(self, run: Run | None = None) -> int:
        return self.town.github.count("rerun-failed-jobs", run.id if run else None)

    # What people see and do

    def cards(self, chat: str, *words: str) -> list[Shown]:
        """Return the cards of "Slack" or "Discord" that hold all of *words* now."""
        return [one for one in self._saying(chat, *words) if not one.in_thread]

    def lines(self, chat: str, *words: str) -> list[Shown]:
        """Return the lines of threads that hold all of *words*."""
        return [one for one in self._saying(chat, *words) if one.in_thread]

    def _saying(self, chat: str, *words: str) -> list[Shown]:
        everything = [one for one in self.watcher.shown() if one.chat == chat]
        return [one for one in everything if all(word in one.text for word in words)]

    async def shown(self, *words: str, chats: Sequence[str] = ("Slack", "Discord")) -> None:
        """Wait until one card in each chat holds all of *words*."""
        try:
            await until(lambda: all(self.cards(chat, *words) for chat in chats))
        except TimeoutError:
            texts = [f"{shown.chat}: {shown.text}" for shown in self.watcher.shown()]
            pytest.fail("\n".join([f"No card says {words}, but:", *texts]))

    def called(self) -> set[str]:
        """Return whom the bot has called by anything it ever said, in cards and threads."""
        slack, discord = self.town.slack, self.town.discord
        said = [one for one in slack.channel(SLACK_ROOM).messages if one.by_app]
        names = {name for message in said for name in slack.calls(message)}
        for channel in discord.guild.channels.values():
            for message in channel.messages:
                names |= {"everyone"} if message.pings.everyone else set()
                names |= {str(id) for id in (*message.pings.users, *message.pings.roles)}
        return names

    def in_slack(self, *words: str) -> Message:
        """Return the card in Slack that holds all of *words*."""
        (card,) = self.cards("Slack", *words)
        message = self.town.slack.channel(SLACK_ROOM).message(card.id)
        assert message
        return message

    def in_discord(self, *words: str) -> discords.Message:
        (card,) = self.cards("Discord", *words)
        return self.town.discord.world.message(self.town.discord_room.id, int(card.id))

    async def press_in_slack(self, user: str, label: str, *words: str) -> str:
        """Press a button of the card with *words*; return what the presser reads."""
        message = self.in_slack(*words)
        (button,) = (one for one in controls(message.blocks) if one.label == label)
        seen = await self.town.slack.press(
            user, channel=SLACK_ROOM, ts=message.ts, action_id=button.action_id
        )
        assert seen.warning is None
        return await seen.reply(within=timedelta(seconds=PATIENCE))

    async def press_in_discord(self, user: discords.User, label: str, *words: str) -> str:
        message = self.in_discord(*words)
        (button,) = (one for one in leaves(message.components) if one.get("label") == label)
        seen = await self.town.discord.press(
            user, self.town.discord_room.id, message.id, button["custom_id"]
        )
        return (await seen.settled(timedelta(seconds=PATIENCE))).text


@asynccontextmanager
async def far_sides(folder: Path) -> AsyncIterator[FarSides]:
    """Open the stand-ins, with the room of both chats in settings.toml."""
    async with a_town(folder) as town:
        with held_to_specifications(town):
            sides = FarSides(town, folder, variables_of(town))
            sides.settle(*BOTH)
            yield sides


def variables_of(town: Town) -> dict[str, str]:
    """Return what an operator writes into `.env`."""
    texts = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")
        for name, value in town.env
        if name != "roles"  # all, unless a story says so
    }
    named = {name.upper(): text for name, text in texts.items() if text}
    return named | {"SMOKEJUMPER_LISTEN": named.pop("LISTEN")}


@contextmanager
def held_to_specifications(town: Town) -> Iterator[None]:
    """Hold every exchange against the vendors' own descriptions, where those are at hand."""
    if not os.environ.get("VENDOR_SPECS"):
        yield
        return
    discord, slack, github = DiscordSpec(), SlackSpec.read(), github_spec.watch(town.github)
    town.discord.observe(discord.look)
    town.slack.observe(slack)
    yield
    assert [*discord.problems, *slack.violations, *github] == []
