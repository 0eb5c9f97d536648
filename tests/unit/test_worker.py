"""The loop over due rows: whatever fails, the row says what comes next."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import structlog

from bot.adapters.storage.store import SqlStore
from bot.domain.errors import OperatorError, PermanentError, TransientError
from bot.domain.work import Due, DueKind
from bot.worker import (
    GIVE_UP_TRIES,
    LEASE,
    LONGEST_BACKOFF,
    SWEEP_ROWS,
    TELL_AGAIN,
    Worker,
    backoff,
)
from tests.unit.bench import CARD, Bench, FaultyStore, HandClock, Service, Wakes
from tests.unit.made import NOON


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    wakes, clock, service = Wakes(), HandClock(), Service()
    async with SqlStore("sqlite://", waker=wakes) as store:
        faulty = FaultyStore(store)
        worker = Worker(faulty, wakes, {CARD: service}, clock)
        yield Bench(store, faulty, worker, service, clock, wakes)


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as lines:
        yield lines


async def lose_the_record(bench: Bench) -> None:
    """Work, with a store that fails once the service has been called."""

    async def then_fail(due: Due) -> datetime | None:
        bench.faulty.faults = 1
        return await bench.service(due)

    await Worker(bench.faulty, bench.wakes, {CARD: then_fail}, bench.clock).handle(CARD, "1")


async def until(happened: Callable[[], bool], *, by: asyncio.Task[None]) -> None:
    while not happened():
        assert not by.done(), by
        await asyncio.sleep(0)


def events(logs: Sequence[Any]) -> list[str]:
    return [line["event"] for line in logs]


async def test_what_is_due_is_done_and_crossed_off(bench: Bench) -> None:
    await bench.want()
    await bench.work()
    await bench.work()

    assert [(due.id, due.key, due.tries) for due in bench.service.did] == [("1", "card:1", 1)]
    assert await bench.next_due() is None


async def test_what_is_not_due_yet_is_left(bench: Bench) -> None:
    """A wake may come too early, or twice."""
    await bench.want(at=NOON + timedelta(minutes=1))
    await bench.work()

    assert bench.service.did == []


async def test_a_service_says_when_to_be_called_again(bench: Bench) -> None:
    bench.service.outcomes = [NOON + timedelta(minutes=10)]
    await bench.want()
    await bench.work()

    assert await bench.next_due() == NOON + timedelta(minutes=10)


async def test_a_passing_fault_is_tried_again_ever_later(bench: Bench) -> None:
    bench.service.outcomes = [TransientError("GitHub is down.")] * 4
    await bench.want()
    waits = []
    for _ in range(4):
        await bench.work()
        waits.append(await bench.due_in())
        bench.clock.pass_(waits[-1])
    await bench.work()

    assert [due.tries for due in bench.service.did] == [1, 2, 3, 4, 5]
    for number, wait in enumerate(waits):
        longest = timedelta(seconds=2) * 2**number
        assert longest / 2 <= wait <= longest
    assert await bench.next_due() is None


async def test_an_outcome_forgets_the_tries(bench: Bench) -> None:
    """An outage long ago says nothing of the next."""
    again = NOON + timedelta(hours=1)
    bench.service.outcomes = [TransientError("GitHub is down."), again]
    await bench.want()
    await bench.work()
    bench.clock.pass_(LONGEST_BACKOFF)
    await bench.work()
    bench.clock.at = again
    await bench.work()

    assert [due.tries for due in bench.service.did] == [1, 2, 1]


async def test_the_far_side_says_how_long_to_wait(bench: Bench) -> None:
    bench.service.outcomes = [TransientError("Slow down.", after=timedelta(minutes=30))]
    await bench.want()
    await bench.work()

    assert await bench.due_in() == timedelta(minutes=30)


async def test_what_the_operator_can_mend_is_tried_again(bench: Bench, logs: list[Any]) -> None:
    bench.service.outcomes = [OperatorError("Slack refused the token.")]
    await bench.want()
    await bench.work()

    assert await bench.due_in() > timedelta(0)
    assert logs == [
        {
            "event": "operator_needed",
            "log_level": "error",
            "kind": CARD,
            "id": "1",
            "why": "Slack refused the token.",
        }
    ]


async def test_the_operator_is_told_once_in_a_while(bench: Bench, logs: list[Any]) -> None:
    """A thousand cards that fail for one reason are one thing to mend."""
    refused, lost = OperatorError("Slack refused the token."), OperatorError("There is no C1.")
    for error in (refused, refused, lost, refused):
        bench.service.outcomes = [error]
        await bench.want()
        await bench.work()
    assert [line["why"] for line in logs] == [str(refused), str(lost)]

    bench.clock.pass_(TELL_AGAIN)
    bench.service.outcomes = [refused]
    await bench.work()
    assert [line["why"] for line in logs] == [str(refused), str(lost), str(refused)]


async def test_what_can_not_help_is_given_up(bench: Bench, logs: list[Any]) -> None:
    bench.service.outcomes = [PermanentError("There is no channel C1.")]
    await bench.want()
    await bench.work()

    assert await bench.next_due() is None
    assert events(logs) == ["due_given_up"]


async def test_what_we_broke_is_tried_and_then_set_aside(bench: Bench, logs: list[Any]) -> None:
    """A mistake of ours must not fill the log for ever."""
    bench.service.outcomes = [KeyError("channel")] * GIVE_UP_TRIES
    await bench.want()
    for _ in range(GIVE_UP_TRIES):
        assert await bench.next_due() is not None
        await bench.work()
        bench.clock.pass_(LONGEST_BACKOFF)

    assert await bench.next_due() is None
    assert events(logs) == ["due_broke"] * GIVE_UP_TRIES + ["due_set_aside"]


async def test_an_outage_is_tried_for_ever(bench: Bench) -> None:
    tries = GIVE_UP_TRIES + 3
    bench.service.outcomes = [TransientError("GitHub is down.")] * tries
    await bench.want()
    for _ in range(tries):
        await bench.work()
        bench.clock.pass_(LONGEST_BACKOFF)

    assert await bench.next_due() is not None


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(None, id="done"),
        pytest.param(NOON + timedelta(hours=1), id="called-again"),
        pytest.param(TransientError("GitHub is down."), id="postponed"),
        pytest.param(PermanentError("There is no channel."), id="given-up"),
        pytest.param(KeyError("channel"), id="broke"),
    ],
)
async def test_a_wish_made_meanwhile_survives(
    bench: Bench, outcome: Exception | datetime | None
) -> None:
    """What was read before it is not what it asks for."""
    bench.service.outcomes = [outcome]
    bench.service.meanwhile = bench
    await bench.want()
    await bench.work()
    bench.service.meanwhile = None

    assert await bench.next_due() == NOON
    await bench.work()
    assert len(bench.service.did) == 2


async def test_an_outcome_that_is_not_recorded_is_found_after_the_lease(
    bench: Bench, logs: list[Any]
) -> None:
    """The loop lives on; the row comes back."""
    await bench.want()
    await lose_the_record(bench)
    assert events(logs) == ["due_not_recorded"]
    assert await bench.due_in() == LEASE

    bench.clock.pass_(LEASE)
    await bench.work()
    assert [due.tries for due in bench.service.did] == [1, 2]
    assert await bench.next_due() is None


async def test_a_claim_that_fails_kills_nothing(bench: Bench, logs: list[Any]) -> None:
    await bench.want()
    bench.faulty.faults = 1
    await bench.work()
    assert (bench.service.did, events(logs)) == ([], ["due_not_recorded"])

    await bench.work()
    assert len(bench.service.did) == 1


async def test_a_kind_without_a_service_is_our_fault(bench: Bench, logs: list[Any]) -> None:
    async with bench.store.begin() as tx:
        await tx.due(DueKind.RETRY, "1", key="retry:1", at=NOON)
    await bench.worker.handle(DueKind.RETRY, "1")

    assert events(logs) == ["due_broke"]


async def test_a_sweep_wakes_all_that_is_due(bench: Bench) -> None:
    """A lost wake costs seconds, a wiped queue nothing."""
    await bench.want("1")
    await bench.want("2", at=NOON - timedelta(minutes=1))
    await bench.want("3", at=NOON + timedelta(minutes=1))
    bench.wakes.heard.clear()

    assert await bench.worker.sweep() == 2
    assert bench.wakes.heard == [(CARD, "2", "card:2"), (CARD, "1", "card:1")]


async def test_a_sweep_is_bounded(bench: Bench) -> None:
    async with bench.store.begin() as tx:
        for number in range(SWEEP_ROWS + 1):
            await tx.due(CARD, str(number), key="card", at=NOON)

    assert await bench.worker.sweep() == SWEEP_ROWS


async def test_it_sweeps_at_its_start_and_stops_when_told(bench: Bench) -> None:
    await bench.want()
    bench.wakes.heard.clear()
    running = asyncio.create_task(bench.worker.run())
    await until(lambda: bool(bench.wakes.heard), by=running)
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert bench.wakes.heard == [(CARD, "1", "card:1")]


async def test_a_sweep_that_fails_does_not_stop_the_worker(bench: Bench, logs: list[Any]) -> None:
    bench.faulty.faults = 1
    running = asyncio.create_task(bench.worker.run())
    await until(lambda: bool(logs), by=running)
    assert events(logs) == ["sweep_broke"]
    assert not running.done()

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("tries", [1, 2, 8, 9, 100, 10_000])
def test_a_backoff_doubles_up_to_five_minutes(tries: int) -> None:
    longest = min(timedelta(seconds=2 * 2 ** min(tries - 1, 20)), timedelta(minutes=5))

    assert longest / 2 <= backoff(tries) <= longest


def test_two_backoffs_differ() -> None:
    """What failed together must not come back together."""
    assert len({backoff(9) for _ in range(20)}) > 1
