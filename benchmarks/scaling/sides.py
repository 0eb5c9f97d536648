"""Deliveries as GitHub sends them, posted by us, and when each chat is reached."""

import asyncio
import itertools
import json
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from bot.cli.stage.logs import TESTS, log_of
from bot.standins.discord import Exchange as DiscordExchange
from bot.standins.github import Run, sign
from bot.standins.github.happenings import Happening, JobChanged, RunChanged
from bot.standins.github.payloads import of
from bot.standins.github.views.urls import Urls
from bot.standins.slack import Exchange as SlackExchange
from tests.chaos.estate import Estate, Room

AT_ONCE: Final = 16
STORED: Final = 202
LOG: Final = log_of(TESTS)
FAR_AHEAD: Final = 1_000_000  # run numbers of ours are newer than all that was filled in

Delivery = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Door:
    """Where deliveries are posted, and what signs them."""

    url: str
    secret: str


@dataclass(slots=True)
class Sides:
    """The estate with a stop-watch: when the first message came into each room."""

    estate: Estate
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(FAR_AHEAD))
    posted: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look at every post."""
        self.estate.town.slack.observe(self._slack)
        self.estate.town.discord.observe(self._discord)

    def _slack(self, exchange: SlackExchange) -> None:
        if exchange.name == "chat.postMessage":
            self.posted.setdefault(str(exchange.request["channel"]), time.monotonic())

    def _discord(self, exchange: DiscordExchange) -> None:
        _, _, channel, *rest = [*exchange.path.split("/"), "", ""]
        if exchange.method == "POST" and rest[:1] == ["messages"]:
            self.posted.setdefault(channel, time.monotonic())

    def failed(self, room: Room, *, workflow: str = "CI", log: bytes = LOG) -> list[Delivery]:
        """Let a run fail; return what GitHub tells of its end."""
        run = self.start(room, workflow)
        run.finish_job("unit", "failure", log=log, failed_step="Run tests")
        run.finish("failure")
        return [self.told(run)]

    def green(self, room: Room, *, workflow: str = "CI") -> list[Delivery]:
        run = self.start(room, workflow)
        run.finish("success")
        return [self.told(run)]

    def start(self, room: Room, workflow: str = "CI") -> Run:
        run = room.repository.workflow(workflow).start(event="push", branch="main", jobs=["unit"])
        run.run_number = next(self.numbers)
        return run

    def told(self, run: Run, action: str = "completed") -> Delivery:
        return self._payload(
            RunChanged(sender=run.actor, repository=run.repository, run=run, action=action)
        )

    def of_no_interest(self, run: Run) -> list[Delivery]:
        """What GitHub tells of a job that goes well, which is most of what it tells."""
        job = run.job("unit")
        actions = ("queued", "in_progress", "completed")
        return [
            self._payload(
                JobChanged(sender=run.actor, repository=run.repository, job=job, action=action)
            )
            for action in actions
        ]

    def _payload(self, happening: Happening) -> Delivery:
        urls = Urls(self.estate.town.github.url, "https://github.com")
        event, payload = of(happening, urls)
        return event, json.dumps(payload).encode()


async def post(session: aiohttp.ClientSession, door: Door, delivery: Delivery) -> float:
    """Post a delivery; return the moment of its 202."""
    event, body = delivery
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": sign(door.secret, body),
    }
    async with session.post(door.url, data=body, headers=headers) as answer:
        assert answer.status == STORED, await answer.text()  # noqa: S101 - a benchmark that lies is worse
        return time.monotonic()


async def post_all(door: Door, deliveries: Iterable[Delivery]) -> None:
    """Post many, a few at once."""
    waiting = iter(deliveries)

    async def some(session: aiohttp.ClientSession) -> None:
        for delivery in waiting:
            await post(session, door, delivery)

    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(some(session))


async def until(happened: Callable[[], Any], *, within: float = 60) -> None:
    async with asyncio.timeout(within):
        while not happened():  # noqa: ASYNC110 - what we wait for has no event
            await asyncio.sleep(0.002)


def quantile(sorted_: Sequence[float], share: float) -> float:
    return sorted_[min(int(len(sorted_) * share), len(sorted_) - 1)]
