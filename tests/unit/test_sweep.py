"""Looking for what is due: lost wakes, many rows, a database that is away, a clock set back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import structlog

from bot.adapters.storage.store import SqlStore
from bot.domain.errors import TransientError
from bot.domain.work import DueKind, Queue
from bot.sweep import SWEEP_EVERY, SWEEP_ROWS, Sweep
from bot.worker import Worker
from tests.unit.bench import CARD, Bench, FaultyStore, HandClock, Service, Wakes
from tests.unit.made import NOON


@dataclass
class Ticks:
    """A clock that nobody sets."""

    seconds: float = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    wakes, clock, service = Wakes(), HandClock(), Service()
    async with SqlStore("sqlite://", waker=wakes) as store:
        faulty = FaultyStore(store)
        worker = Worker(faulty, wakes, {CARD: service}, clock)
        yield Bench(store, faulty, worker, service, clock, wakes)


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def sweep(bench: Bench, ticks: Ticks) -> Sweep:
    return Sweep(bench.faulty, bench.wakes, bench.clock, monotonic=ticks)


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as lines:
        yield lines


async def until(happened: Callable[[], bool], *, by: asyncio.Task[None]) -> None:
    async with asyncio.timeout(10):
        while not happened():
            assert not by.done(), by
            await asyncio.sleep(0)


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def events(logs: Sequence[Any]) -> list[str]:
    return [line["event"] for line in logs]


async def test_a_sweep_wakes_all_that_is_due(bench: Bench) -> None:
    """A lost wake costs seconds, a wiped queue nothing."""
    await bench.want("1")
    await bench.want("2", at=NOON - timedelta(minutes=1))
    await bench.want("3", at=NOON + timedelta(minutes=1))
    bench.wakes.heard.clear()

    assert await bench.worker.sweep() == 2
    assert bench.wakes.heard == [(CARD, "2", "card:2"), (CARD, "1", "card:1")]


async def test_what_is_due_before_the_next_sweep_is_woken_for_its_time(bench: Bench) -> None:
    """A process that put it off may have died since, and nobody else remembers it."""
    soon = NOON + SWEEP_EVERY
    await bench.want("soon", at=soon)
    await bench.want("later", at=soon + timedelta(seconds=1))
    bench.wakes.heard.clear()
    bench.wakes.times.clear()

    assert await bench.worker.sweep() == 0
    assert bench.wakes.heard == [(CARD, "soon", "card:soon")]
    assert bench.wakes.times == [soon]


async def test_many_rows_of_one_queue_do_not_hide_another(bench: Bench) -> None:
    """A thousand cards wait longer than the delivery does, and must not be all that is seen."""
    async with bench.store.begin() as tx:
        for number in range(SWEEP_ROWS + 1):
            await tx.due(CARD, str(number), key="card", at=NOON)
        await tx.due(DueKind.WATCH, "7", key="incident:7", at=NOON)
    bench.clock.pass_(timedelta(minutes=1))
    bench.wakes.heard.clear()

    assert await bench.worker.sweep() == SWEEP_ROWS
    assert len(bench.wakes.heard) == SWEEP_ROWS + 1
    assert (DueKind.WATCH, "7", "incident:7") in bench.wakes.heard


async def test_a_sweep_looks_only_at_the_queues_it_is_for(bench: Bench) -> None:
    """The process that speaks to the chats does no triage, and the other way round."""
    await bench.want()
    bench.wakes.heard.clear()

    assert await bench.worker.sweep(frozenset({Queue.TRIAGE, Queue.GITHUB})) == 0
    assert await bench.worker.sweep(frozenset({Queue.CHAT})) == 1
    assert bench.wakes.heard == [(CARD, "1", "card:1")]


async def test_it_sweeps_at_its_start_and_stops_when_told(bench: Bench) -> None:
    await bench.want()
    bench.wakes.heard.clear()
    running = asyncio.create_task(bench.worker.run())
    await until(lambda: bool(bench.wakes.heard), by=running)
    await stop(running)

    assert bench.wakes.heard == [(CARD, "1", "card:1")]


async def test_it_sweeps_again_when_somebody_knows_of_rows(bench: Bench) -> None:
    """Freeing the claims of a dead process wakes nobody."""
    running = asyncio.create_task(bench.worker.run())
    await bench.want()
    await until(lambda: bool(bench.wakes.heard), by=running)
    bench.wakes.heard.clear()
    bench.worker.sweep_soon()
    await until(lambda: bool(bench.wakes.heard), by=running)
    await stop(running)


async def test_a_full_page_is_followed_by_the_next(bench: Bench) -> None:
    async with bench.store.begin() as tx:
        for number in range(SWEEP_ROWS):
            await tx.due(CARD, str(number), key="card", at=NOON)
    bench.wakes.heard.clear()
    running = asyncio.create_task(bench.worker.run())
    await until(lambda: len(bench.wakes.heard) >= 2 * SWEEP_ROWS, by=running)
    await stop(running)


async def test_a_sweep_that_breaks_does_not_stop_the_worker(bench: Bench, logs: list[Any]) -> None:
    bench.faulty.faults = 1
    running = asyncio.create_task(bench.worker.run())
    await until(lambda: bool(logs), by=running)
    assert events(logs) == ["sweep_broke"]
    await stop(running)


async def test_a_database_that_is_away_is_asked_again_soon(bench: Bench, logs: list[Any]) -> None:
    await bench.want()
    bench.wakes.heard.clear()
    bench.faulty.faults, bench.faulty.fault = 1, TransientError("The database is away.")
    running = asyncio.create_task(bench.worker.run())
    await until(lambda: bool(bench.wakes.heard), by=running)
    assert events(logs) == ["sweep_waits"]
    await stop(running)


async def test_a_clock_that_is_set_back_holds_nothing_up(
    bench: Bench, sweep: Sweep, ticks: Ticks, logs: list[Any]
) -> None:
    """What a clock wrote that was an hour ahead would wait for an hour."""
    bench.clock.pass_(timedelta(hours=1))
    ticks.seconds += 3_600
    await bench.want(at=bench.clock.now() + timedelta(seconds=2))
    await sweep.mind_the_clock()
    bench.clock.at = NOON
    assert await sweep.sweep() == 0

    await sweep.mind_the_clock()
    assert await sweep.sweep() == 1
    assert events(logs) == ["clock_was_set_back"]
    await sweep.mind_the_clock()
    assert events(logs) == ["clock_was_set_back"]


@pytest.mark.parametrize(
    "jump",
    [
        pytest.param(timedelta(seconds=-59), id="trimmed"),
        pytest.param(timedelta(hours=5), id="set-forward-or-suspended"),
    ],
)
async def test_other_jumps_call_nobody_early(
    bench: Bench, sweep: Sweep, jump: timedelta, logs: list[Any]
) -> None:
    await bench.want(at=NOON + timedelta(days=1))
    bench.clock.pass_(jump)
    await sweep.mind_the_clock()

    assert await bench.next_due() == NOON + timedelta(days=1)
    assert logs == []


async def test_a_jump_that_could_not_be_recorded_is_noticed_again(
    bench: Bench, sweep: Sweep
) -> None:
    await bench.want(at=NOON + timedelta(minutes=5))
    bench.clock.at = NOON - timedelta(hours=1)
    bench.faulty.faults, bench.faulty.fault = 1, TransientError("The database is away.")
    with pytest.raises(TransientError):
        await sweep.mind_the_clock()
    await sweep.mind_the_clock()

    assert await bench.next_due() == bench.clock.now()


async def test_a_claimed_row_is_not_taken_from_its_holder(bench: Bench, sweep: Sweep) -> None:
    await bench.want()
    async with bench.store.begin() as tx:
        due = await tx.claim(CARD, "1", now=NOON, lease=timedelta(minutes=5))
    bench.clock.at = NOON - timedelta(hours=1)
    await sweep.mind_the_clock()

    assert due is not None
    async with bench.store.begin() as tx:
        assert await tx.finish(due, again=None)
