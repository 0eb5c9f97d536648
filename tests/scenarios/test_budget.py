"""More broke than GitHub lets us read in an hour: what matters most is read first, all in the end.

The budget is the real one; GitHub in memory counts by GitHub's rules, and refuses what is too much.
"""

from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.adapters.github.budget import Meter
from bot.adapters.github.failures import Reply
from bot.adapters.memory.code_host import MemoryCodeHost
from bot.domain.ids import JobId, RunId
from bot.domain.incident import Incident
from bot.domain.press import PressKind
from bot.domain.retry import Scope
from bot.domain.run import Job, Repository, Run
from bot.domain.storm import StormPolicy
from bot.messages.text import plain
from bot.messages.views import IncidentCard
from bot.ports.running import Budget
from tests.payload_parts import NOON, Json
from tests.scenarios.world import (
    ANA,
    REGISTRY_503,
    SLACK_ROOM,
    TEST_FAILURE,
    HandClock,
    World,
    a_world,
    policies,
    subscriptions,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
AN_HOUR_HAS = 40


@dataclass
class Account:
    """What GitHub counts for one installation."""

    asked: deque[datetime] = field(default_factory=deque)
    spent: int = 0
    resets_at: datetime = NOON + HOUR
    used: int = 0
    window: datetime = NOON

    def ask(self, now: datetime) -> Reply:
        if now >= self.resets_at:
            self.spent, self.resets_at = 0, now + HOUR
        self.asked.append(now)
        self.spent += 1
        assert self.spent <= AN_HOUR_HAS, "more than GitHub allows in an hour"
        assert sum(now - MINUTE < at for at in self.asked) <= 900, "more than in a minute"
        headers = {
            "x-ratelimit-limit": f"{AN_HOUR_HAS}",
            "x-ratelimit-remaining": f"{AN_HOUR_HAS - self.spent}",
            "x-ratelimit-reset": f"{int(self.resets_at.timestamp())}",
        }
        return Reply(status=200, headers=headers)

    def take(self, points: int, now: datetime) -> timedelta:
        if now >= self.window + timedelta(seconds=10):
            self.window, self.used = now, 0
        if self.used + points > 120:
            return self.window + timedelta(seconds=10) - now
        self.used += points
        return timedelta(0)


class CountingGitHub(MemoryCodeHost):
    """GitHub with a budget for each installation."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = HandClock()
        self.accounts: dict[str, Account] = {}
        self.read: list[JobId] = []
        """Jobs whose log was read, in order."""
        self.meter = Meter(now=self.clock.now, shared=self)

    def keep_time(self, clock: HandClock) -> None:
        self.clock = clock
        self.meter = Meter(now=clock.now, shared=self)

    def exchange(self, payer: str, *, points: int, told: Budget | None) -> tuple[timedelta, Budget]:
        del told
        account = self.accounts.setdefault(payer, Account())
        return account.take(points, self.clock.now()), Budget()

    def pay(self, repo: Repository, *, points: int = 1) -> None:
        payer = f"installation {repo.installation}"
        self.accounts.setdefault(payer, Account())
        self.meter.ask(payer, lambda: self.accounts[payer].ask(self.clock.now()), points=points)

    async def run(self, repo: Repository, run: RunId) -> Run:
        self.pay(repo)
        return await super().run(repo, run)

    async def jobs(self, repo: Repository, run: RunId) -> Sequence[Job]:
        self.pay(repo)
        return await super().jobs(repo, run)

    @asynccontextmanager
    async def job_log(self, repo: Repository, job: JobId) -> AsyncIterator[AsyncIterator[bytes]]:
        self.pay(repo)
        self.read.append(job)
        async with super().job_log(repo, job) as blocks:
            yield blocks

    async def rerun(self, repo: Repository, run: RunId, *, scope: Scope, debug: bool) -> None:
        self.pay(repo, points=5)
        await super().rerun(repo, run, scope=scope, debug=debug)


@pytest.fixture(params=[False, True], ids=["woken", "deaf"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    github = CountingGitHub()
    told = policies(
        subscribed=[one for one in subscriptions(branches=("*",)) if one.place == SLACK_ROOM],
        storm=StormPolicy(digest_from=10_000),
    )
    async with a_world(told, deaf=request.param, github=github) as world:
        github.keep_time(world.clock)
        yield world


async def breaks(
    world: World,
    runs: Sequence[int],
    *,
    branch: str = "",
    at: int = 1,
    log: bytes = TEST_FAILURE,
) -> None:
    """Let a build break on a branch of its own each, all within a moment."""
    for run in runs:
        name = branch or f"feature-{run}"
        payload = world.happens(
            "red",
            log=log,
            run=run,
            number=run,
            branch=name,
            workflow=f"CI {run}" if branch else "CI",
            repo=f"acme/app-{at}",
            head_repo=f"acme/app-{at}",
            installation=at,
        )
        await world.store_delivery("create", ref_made(payload, name))
        await world.store_delivery("workflow_run", payload)
    await world.settle()


def ref_made(payload: Json, branch: str) -> Json:
    """Tell that the name is a branch, so that nobody has to be asked."""
    shared: Json = {name: payload[name] for name in ("repository", "installation")}
    return {**shared, "ref": branch, "ref_type": "branch"}


def the_github(world: World) -> CountingGitHub:
    assert isinstance(world.github, CountingGitHub)
    return world.github


def read_runs(world: World) -> list[int]:
    jobs = {job.id: run for run, jobs in world.github.jobs_of.items() for job in jobs.values()}
    return [jobs[job] for job in the_github(world).read]


def undiagnosed(incidents: Sequence[Incident]) -> set[int]:
    return {one.run for one in incidents if one.diagnosed is None}


def a_card(world: World, run: int) -> IncidentCard:
    """Return the card whose buttons are about a run."""
    views = [message.view for message in world.slack.cards]
    cards = [view for view in views if isinstance(view, IncidentCard) and view.buttons]
    return next(card for card in cards if card.buttons[0].target.run == run)


async def test_all_is_read_in_the_end_and_nothing_twice(world: World) -> None:
    await breaks(world, range(1_000, 1_026))
    at_once = len(read_runs(world))
    assert 15 <= at_once <= 18, "a tenth of the hour is kept for people"
    await breaks(world, range(2_000, 2_004), branch="main")
    await world.after(minutes=55)
    assert len(read_runs(world)) == at_once
    await world.after(minutes=15)
    assert undiagnosed(await world.open_incidents()) == set()
    assert len(set(read_runs(world))) == len(read_runs(world)) == 30


async def test_the_card_says_that_the_log_waits_and_until_when(world: World) -> None:
    await breaks(world, range(1_000, 1_022))
    (waits, *_) = sorted(undiagnosed(await world.open_incidents()))
    await world.after(minutes=2)
    card = a_card(world, waits)
    assert "log not read yet" in plain(card.headline)
    assert "GitHub lets me ask only so much" in plain(card.action)
    assert "I read it at about 2026-11-24 13:0" in plain(card.action)
    edits = [message.edits for message in world.slack.cards]
    await world.after(minutes=10)
    assert [message.edits for message in world.slack.cards] == edits, "said once"
    await world.after(minutes=60)
    assert "log not read yet" not in plain(a_card(world, waits).headline)


async def test_a_transient_failure_read_late_is_retried_all_the_same(world: World) -> None:
    """Until then nobody is told that a retry is pending; people are called in the meantime."""
    await breaks(world, range(1_000, 1_020))
    await breaks(world, [1_500], log=REGISTRY_503)
    assert 1_500 in undiagnosed(await world.open_incidents())
    await world.after(minutes=16)
    assert "I retry" not in plain(a_card(world, 1_500).action)
    assert world.slack.rung.count("slack:group:S1") >= 1
    assert world.github.reruns == []
    await world.after(minutes=60)
    assert world.github.reruns == [(1_500, Scope.FAILED, False)]


async def test_a_person_may_retry_while_no_log_can_be_read(world: World) -> None:
    await breaks(world, range(1_000, 1_020))
    waits = max(undiagnosed(await world.open_incidents()))
    button = next(one for one in a_card(world, waits).buttons if one.action == "retry")
    await world.send(ANA, PressKind.BUTTON, "retry", target=button.target)
    assert world.github.reruns == [(waits, Scope.FAILED, False)]


async def test_one_installation_does_not_wait_for_another(world: World) -> None:
    await breaks(world, range(1_000, 1_025), at=1)
    assert undiagnosed(await world.open_incidents())
    await breaks(world, [2_000], at=2)
    assert 2_000 not in undiagnosed(await world.open_incidents())
