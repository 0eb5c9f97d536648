"""Neither limit of GitHub is provoked, whoever asks, in however many processes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.github.budget import WINDOW_POINTS, Meter
from bot.adapters.github.client import GitHub
from bot.adapters.github.failures import Reply
from bot.adapters.storage.store import SqlStore
from bot.domain.errors import BusyError, TransientError
from bot.domain.ids import RunId
from bot.domain.retry import Scope
from bot.ports.purpose import Purpose, asking_for
from bot.ports.running import Budget
from tests.unit.github.hub import Hub, hub, log_of

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
RESET = NOON + timedelta(minutes=40)
NONE = timedelta(0)


@dataclass
class Shared:
    """What the table would say, and what it was told."""

    left: int = 10_000
    says: Budget = field(default_factory=Budget)
    told: list[Budget] = field(default_factory=list)
    asked: int = 0

    def exchange(self, payer: str, *, points: int, told: Budget | None) -> tuple[timedelta, Budget]:
        assert payer == "token"
        self.asked += 1
        if told:
            self.told.append(told)
        if points > self.left:
            return timedelta(seconds=4), self.says
        self.left -= points
        return NONE, self.says


@dataclass
class Till:
    at: datetime = NOON
    shared: Shared = field(default_factory=Shared)
    sent: int = 0

    def __post_init__(self) -> None:
        self.meter = Meter(now=lambda: self.at, shared=self.shared)

    def ask(
        self, purpose: Purpose = Purpose.TRIAGE, *, points: int = 1, **answer: Any
    ) -> timedelta:
        """Ask once; return how long we were told to wait, zero if it went well."""
        try:
            with asking_for(purpose):
                self.meter.ask("token", lambda: self._send(**answer), points=points)
        except TransientError as error:
            return error.after or NONE
        return NONE

    def _send(
        self, *, status: int = 200, left: int = 4_000, reset: datetime = RESET, **more: str
    ) -> Reply:
        self.sent += 1
        hour = {
            "x-ratelimit-limit": "5000",
            "x-ratelimit-remaining": f"{left}",
            "x-ratelimit-reset": f"{int(reset.timestamp())}",
        }
        more = {name.replace("_", "-"): value for name, value in more.items()}
        return Reply(status=status, headers={**hour, **more})


@pytest.fixture
def till() -> Till:
    return Till()


def test_the_table_is_asked_once_for_twenty(till: Till) -> None:
    for _ in range(40):
        assert till.ask() == NONE
    assert till.shared.asked == 2


def test_a_write_costs_five(till: Till) -> None:
    till.shared.left = 40
    waits = [till.ask(points=5) for _ in range(9)]
    assert waits == [NONE] * 8 + [timedelta(seconds=4)]
    assert till.sent == 8


def test_what_is_not_used_is_lost_with_its_window(till: Till) -> None:
    till.ask()
    till.at += timedelta(seconds=10)
    till.ask()
    assert till.shared.left == 10_000 - 40


def test_an_empty_window_is_not_asked_for_again(till: Till) -> None:
    """Eight workers that are refused need not write the row each time."""
    till.shared.left = 0
    assert [till.ask() for _ in range(8)] == [timedelta(seconds=4)] * 8
    assert till.shared.asked == 1
    till.at, till.shared.left = till.at + timedelta(seconds=4), 20
    assert till.ask() == NONE


@pytest.mark.parametrize(
    ("left", "may"),
    [
        pytest.param(2_600, {*Purpose}, id="all"),
        pytest.param(
            2_500, {Purpose.PEOPLE, Purpose.TRIAGE, Purpose.DIAGNOSIS}, id="half-for-reconciling"
        ),
        pytest.param(501, {Purpose.PEOPLE, Purpose.TRIAGE, Purpose.DIAGNOSIS}, id="little"),
        pytest.param(500, {Purpose.PEOPLE, Purpose.TRIAGE}, id="a-tenth-for-people"),
        pytest.param(100, set(), id="what-is-under-way-elsewhere"),
    ],
)
def test_the_rest_of_the_hour_is_for_what_can_not_wait(
    till: Till, left: int, may: set[Purpose]
) -> None:
    till.ask(left=left)
    waits = {purpose: till.ask(purpose, left=left) for purpose in Purpose}
    assert {purpose for purpose, wait in waits.items() if not wait} == may
    assert {wait for wait in waits.values() if wait} <= {timedelta(minutes=40)}


def test_the_next_hour_is_free_again(till: Till) -> None:
    till.ask(left=0)
    till.at = RESET
    assert till.ask(left=4_999, reset=RESET + timedelta(hours=1)) == NONE
    assert till.ask(Purpose.RECONCILE, left=4_998, reset=RESET + timedelta(hours=1)) == NONE


def test_answers_that_overtake_each_other_change_nothing(till: Till) -> None:
    till.ask(left=400)
    till.ask(left=4_000)
    assert till.ask(Purpose.DIAGNOSIS) > NONE


def test_a_search_has_a_budget_of_its_own(till: Till) -> None:
    till.ask(left=0, x_ratelimit_resource="search")
    assert till.ask() == NONE


def test_what_others_were_told_holds_for_us(till: Till) -> None:
    till.ask()
    till.shared.says = Budget(quiet_until=NOON + timedelta(seconds=63))
    assert till.ask() == NONE
    till.at += timedelta(seconds=3)
    assert till.ask() == timedelta(seconds=60)
    assert till.sent == 2


def test_others_are_told_of_silence_at_once(till: Till) -> None:
    assert till.ask(status=403, retry_after="90") == timedelta(seconds=90)
    assert till.shared.told[-1].quiet_until == NOON + timedelta(seconds=90)
    assert till.ask() == timedelta(seconds=90)
    assert till.sent == 1


def test_a_refusal_without_a_time_doubles_the_silence(till: Till) -> None:
    waits = []
    for _ in range(8):
        wait = till.ask(status=429)
        till.at += wait
        waits.append(wait.total_seconds() / 60)
    assert waits == [1, 2, 4, 8, 16, 32, 32, 32]
    till.ask()
    assert till.ask(status=429) == timedelta(minutes=1)


def test_no_silence_is_longer_than_an_hour(till: Till) -> None:
    assert till.ask(status=429, retry_after="9999999") == timedelta(hours=1)


def test_a_clock_that_is_set_back_frees_us(till: Till) -> None:
    till.ask(left=0, reset=NOON + timedelta(minutes=1))
    till.ask(status=429, retry_after="60", left=0, reset=NOON + timedelta(minutes=1))
    till.at -= timedelta(days=1)
    assert till.ask() == NONE


def test_a_lost_answer_is_under_way_no_more(till: Till) -> None:
    def lost() -> Reply:
        msg = "cut"
        raise TransientError(msg)

    till.ask(left=120)
    for _ in range(30):
        with pytest.raises(TransientError, match="cut"):
            till.meter.ask("token", lost, points=1)
    assert till.ask(left=110) == NONE


@asynccontextmanager
async def two_processes(github: Hub, folder: Path) -> AsyncIterator[tuple[GitHub, GitHub]]:
    url = f"sqlite:///{folder}/bot.db"
    async with SqlStore(url) as one, SqlStore(url) as two:
        credentials = github.as_person()

        def process(store: SqlStore) -> GitHub:
            return GitHub(
                credentials=credentials,
                base_url=github.server.url,
                clock=github.clock,
                store=store,
            )

        async with process(one) as first, process(two) as second:
            yield first, second


async def asked_of(host: GitHub, github: Hub, run: int) -> int:
    """Ask until it is refused."""
    for asked in range(2 * WINDOW_POINTS):
        try:
            await host.run(github.repo(), RunId(run))
        except BusyError:
            return asked
    return 2 * WINDOW_POINTS


async def test_two_processes_share_one_window(tmp_path: Path) -> None:
    async with hub() as github, two_processes(github, tmp_path) as (first, second):
        run = github.there.workflow("CI").start()
        run.finish("failure")
        half = WINDOW_POINTS // 2
        for _ in range(half):
            await first.run(github.repo(), RunId(run.id))
        assert await asked_of(second, github, run.id) == half
        with pytest.raises(BusyError):
            await first.rerun(github.repo(), RunId(run.id), scope=Scope.ALL, debug=False)
        assert len(github.asked) == WINDOW_POINTS
        github.clock.forward(timedelta(seconds=10))
        await first.rerun(github.repo(), RunId(run.id), scope=Scope.ALL, debug=False)
        assert github.server.count("rerun", run.id) == 1


async def test_a_restart_gets_no_second_budget(tmp_path: Path) -> None:
    async with hub() as github:
        run = github.there.workflow("CI").start()
        asked = 0
        for _ in range(2):
            async with two_processes(github, tmp_path) as (first, _):
                asked = await asked_of(first, github, run.id)
        assert asked == 0
        assert len(github.asked) == WINDOW_POINTS


async def test_the_log_counts_too(tmp_path: Path) -> None:
    async with hub() as github, two_processes(github, tmp_path) as (first, second):
        run = github.there.workflow("CI").start()
        job = run.finish_job("build", "failure", log=b"line\n").id
        for _ in range(WINDOW_POINTS):
            await log_of(first, github.repo(), job)
        with pytest.raises(BusyError):
            await log_of(second, github.repo(), job)


async def test_a_silence_reaches_the_other_process(tmp_path: Path) -> None:
    async with hub() as github, two_processes(github, tmp_path) as (first, second):
        run = github.there.workflow("CI").start()
        await second.run(github.repo(), RunId(run.id))
        github.server.throttle_next("GET", "*", wait=timedelta(seconds=30))
        with pytest.raises(TransientError):
            await first.run(github.repo(), RunId(run.id))
        github.clock.forward(timedelta(seconds=3))
        with pytest.raises(BusyError) as refused:
            await second.run(github.repo(), RunId(run.id))
        assert refused.value.after == timedelta(seconds=27)
