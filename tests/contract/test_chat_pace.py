"""A burst, before stand-ins that count: nothing is refused, and what matters goes first."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.adapters.clock import SystemClock
from bot.adapters.discord import pace as discord_pace
from bot.adapters.discord.platform import DiscordPlatform
from bot.adapters.slack import pace as slack_pace
from bot.adapters.slack.client import slack_client
from bot.adapters.slack.http import HttpGateway
from bot.adapters.slack.platform import SlackPlatform
from bot.adapters.slack.scopes import needed
from bot.domain.errors import BusyError, TransientError
from bot.domain.person import Platform
from bot.domain.subscription import Place
from bot.messages.text import say
from bot.messages.views import Note
from bot.ports.chat import ChatPlatform, MessageRef
from bot.standins.slack import App
from bot.standins.slack import Channel as SlackChannel
from tests.standins.discord_town import Clock as DiscordClock
from tests.standins.discord_town import quiet_town
from tests.standins.slack_world import CI, HandClock, a_workspace, served

HOUR = timedelta(hours=1)
NOTE = Note(text=say("hello"))
Job = Callable[[], Awaitable[object]]


@dataclass
class Worker:
    """Does what is due and comes again when it is told to, as ours does."""

    clock: HandClock | DiscordClock
    done: dict[str, float] = field(default_factory=dict)
    """When each was done, in seconds since the start."""
    refused: list[str] = field(default_factory=list)

    def time(self) -> float:
        return self.clock()

    async def sleep(self, seconds: float) -> None:
        self.clock.now += seconds

    async def work(self, jobs: Mapping[str, Job]) -> None:
        start = self.clock.now
        due = dict.fromkeys(jobs, start)
        while due:
            name = min(due, key=lambda one: due[one])
            self.clock.now = max(self.clock.now, due.pop(name))
            try:
                await jobs[name]()
                self.done[name] = self.clock.now - start
            except BusyError as busy:
                self.refused.append(name)
                due[name] = self.clock.now + (busy.after or HOUR).total_seconds()


def posting(chat: ChatPlatform, place: Place, key: str) -> Job:
    return lambda: chat.post(place, NOTE, key=key)


def editing(chat: ChatPlatform, ref: MessageRef, words: str, *, urgent: bool) -> Job:
    return lambda: chat.edit(ref, Note(text=say(words)), urgent=urgent)


async def posted(worker: Worker, chat: ChatPlatform, place: Place, many: int) -> list[MessageRef]:
    """Post cards as the pace allows, and let a minute pass."""
    refs: dict[int, MessageRef] = {}

    def post(number: int) -> Job:
        async def do() -> None:
            refs[number] = await chat.post(place, NOTE, key=f"card-{number}")

        return do

    await worker.work({f"{number}": post(number) for number in range(many)})
    worker.clock.now += 60
    worker.done, worker.refused = {}, []
    return [refs[number] for number in range(many)]


async def test_slack_refuses_nothing() -> None:
    """60 edits and 20 posts in one channel, and one post in a channel that was quiet."""
    clock = HandClock()
    quiet = "C0STILL"
    workspace = a_workspace(app=App(scopes=needed()), clock=clock)
    workspace.channels[quiet] = SlackChannel(id=quiet, name="still", members={"U0SMOKE"})
    worker = Worker(clock)
    async with (
        served(workspace) as slack,
        slack_client(token=workspace.app.bot_token, api_url=slack.api_url) as client,
    ):
        chat = SlackPlatform(
            client,
            gateway=HttpGateway(client, signing_secret="x", commands=(), clock=SystemClock()),
            clock=SystemClock(),
            pace=slack_pace.Pace(now=worker.time, sleep=worker.sleep),
        )
        here = Place(platform=Platform.SLACK, channel=CI)
        cards = await posted(worker, chat, here, 60)
        jobs = {f"calm {n}": editing(chat, cards[n], "later", urgent=False) for n in range(45)}
        jobs |= {f"ended {n}": editing(chat, cards[n], "ended", urgent=True) for n in range(45, 60)}
        jobs |= {f"post {n}": posting(chat, here, f"line-{n}") for n in range(20)}
        jobs["elsewhere"] = posting(chat, Place(platform=here.platform, channel=quiet), "card-99")
        await worker.work(jobs)
        assert [one.status for one in slack.ledger.exchanges if one.status != 200] == []
        assert slack.count("chat.update") == 60
        assert slack.count("chat.postMessage") == 81
    done = worker.done
    assert "elsewhere" not in worker.refused
    assert max(at for name, at in done.items() if name.startswith("post")) < 25
    assert max(at for name, at in done.items() if name.startswith("ended")) < 62
    assert max(at for name, at in done.items() if name.startswith("calm")) < 180
    assert len(worker.refused) < 3 * len(jobs)


async def test_discord_refuses_nothing() -> None:
    clock = DiscordClock()
    worker = Worker(clock)
    async with quiet_town(clock=clock) as town:
        chat = DiscordPlatform(
            token=town.discord.token,
            clock=SystemClock(),
            api_url=town.discord.api_url,
            gateway_url=town.discord.gateway_url,
            pace=discord_pace.Pace(now=worker.time, sleep=worker.sleep),
        )
        here = Place(platform=Platform.DISCORD, channel=str(town.builds.id))
        async with chat:
            cards = await posted(worker, chat, here, 60)
            jobs = {f"calm {n}": editing(chat, cards[n], "later", urgent=False) for n in range(40)}
            jobs |= {
                f"ended {n}": editing(chat, cards[n], "ended", urgent=True) for n in range(40, 60)
            }
            jobs |= {f"post {n}": posting(chat, here, f"line-{n}") for n in range(20)}
            await worker.work(jobs)
        assert town.discord.limits.refused == 0
        assert len(town.builds.messages) == 80
    done = worker.done
    assert max(at for name, at in done.items() if name.startswith("post")) <= 30
    assert max(at for name, at in done.items() if name.startswith("ended")) <= 30
    assert len(worker.refused) < 3 * len(jobs)


async def test_discord_is_given_up_before_somebody_looks() -> None:
    """The library would repeat a post five times, for a quarter of a minute."""
    async with quiet_town() as town:
        town.discord.fail_next("POST", "/channels/*/messages", status=502)
        chat = DiscordPlatform(
            token=town.discord.token,
            clock=SystemClock(),
            api_url=town.discord.api_url,
            gateway_url=town.discord.gateway_url,
            pace=discord_pace.Pace(discord_pace.UNHURRIED),
            patience=timedelta(seconds=1),
        )
        async with chat:
            here = Place(platform=Platform.DISCORD, channel=str(town.builds.id))
            with pytest.raises(TransientError, match="can't be reached") as caught:
                await chat.post(here, NOTE, key="card-1")
            assert caught.value.after is None, "it may have acted"
            await chat.post(here, NOTE, key="card-1")
        assert len(town.builds.messages) == 1
