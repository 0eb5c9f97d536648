"""The loop over due rows: whatever fails, the row says what comes next."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import structlog

from bot.adapters.storage.store import SqlStore
from bot.adapters.storage.transaction import Transaction
from bot.adapters.wakers.embedded import EmbeddedWaker
from bot.domain.errors import BusyError, OperatorError, PermanentError, TransientError
from bot.domain.work import Due, DueKind
from bot.worker import (
    BROKEN_SCHEDULE,
    BUSY_WAIT,
    GIVE_UP_TRIES,
    LEASE,
    LINES,
    LONGEST_BACKOFF,
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


@pytest.mark.parametrize(
    ("kind", "id"),
    [
        (DueKind.RECONCILE, "hooks"),
        (DueKind.POLL, "7"),
        (DueKind.CHECK, "all"),
        (DueKind.PRUNE, "runs"),
    ],
)
@pytest.mark.parametrize("error", [PermanentError("What is 407?"), KeyError("runs")])
async def test_no_error_ends_a_schedule(
    bench: Bench, kind: DueKind, id: str, error: Exception
) -> None:
    """Nothing but a restart would begin it anew."""
    tries = GIVE_UP_TRIES + 3
    bench.service.outcomes = [error] * tries
    worker = Worker(bench.store, bench.wakes, {kind: bench.service}, bench.clock)
    async with bench.store.begin() as tx:
        await tx.due(kind, id, key=id, at=NOON)
    for _ in range(tries + 1):
        await worker.handle(kind, id)
        bench.clock.pass_(BROKEN_SCHEDULE)

    assert len(bench.service.did) == tries + 1


async def test_what_a_schedule_wished_for_is_no_schedule(bench: Bench) -> None:
    bench.service.outcomes = [PermanentError("There is no such run.")]
    worker = Worker(bench.store, bench.wakes, {DueKind.CHECK: bench.service}, bench.clock)
    async with bench.store.begin() as tx:
        await tx.due(DueKind.CHECK, "run:812", key="run:812", at=NOON)
    await worker.handle(DueKind.CHECK, "run:812")

    assert await bench.next_due() is None


async def break_until_given_up(bench: Bench) -> None:
    bench.service.outcomes = [KeyError("channel")] * GIVE_UP_TRIES
    await bench.want()
    for _ in range(GIVE_UP_TRIES):
        await bench.work()
        bench.clock.pass_(LONGEST_BACKOFF)


async def test_what_we_broke_is_tried_and_then_set_aside(bench: Bench, logs: list[Any]) -> None:
    """A mistake of ours must not fill the log for ever, nor be forgotten."""
    await break_until_given_up(bench)
    await bench.work()

    assert len(bench.service.did) == GIVE_UP_TRIES
    assert events(logs) == ["due_broke"] * GIVE_UP_TRIES + ["due_set_aside"]
    async with bench.store.read() as tx:
        assert [(row.kind, row.id, row.error) for row in await tx.set_aside_rows()] == [
            (CARD, "1", "KeyError: 'channel'")
        ]


async def test_what_was_set_aside_is_done_when_it_is_wished_for_anew(bench: Bench) -> None:
    await break_until_given_up(bench)
    await bench.want()
    await bench.work()

    assert bench.service.did[-1].tries == 1
    assert await bench.next_due() is None


async def test_some_kinds_are_set_aside_by_whoever_shows_them(bench: Bench) -> None:
    kept: list[tuple[str, str]] = []

    async def keep(due: Due, why: str) -> None:
        kept.append((due.id, why))

    bench.worker = Worker(
        bench.store, bench.wakes, {CARD: bench.service}, bench.clock, set_aside={CARD: keep}
    )
    await break_until_given_up(bench)

    assert kept == [("1", "KeyError: 'channel'")]
    assert await bench.next_due() is None
    async with bench.store.read() as tx:
        assert await tx.set_aside_rows() == []


async def test_our_own_share_used_up_is_no_try(bench: Bench, logs: list[Any]) -> None:
    """It waits its turn, however long: nothing was tried, and nobody need hear of it."""
    wait = timedelta(minutes=10)
    bench.service.outcomes = [BusyError("The budget is used up.", after=wait)] * 30
    await bench.want()
    for _ in range(30):
        await bench.work()
        assert wait <= await bench.due_in() <= wait * 1.25
        bench.clock.pass_(wait * 1.25)
    await bench.work()

    assert {due.tries for due in bench.service.did} == {1}
    assert [line["log_level"] for line in logs] == ["debug"] * 30
    assert await bench.next_due() is None


async def test_who_is_busy_without_a_time_is_asked_soon(bench: Bench) -> None:
    bench.service.outcomes = [BusyError("Others go first.")]
    await bench.want()
    await bench.work()

    assert BUSY_WAIT <= await bench.due_in() <= BUSY_WAIT * 1.25


async def test_a_storm_of_faults_does_not_flood_the_log(bench: Bench, logs: list[Any]) -> None:
    bench.service.outcomes = [TransientError("GitHub is down.")] * (LINES + 5)
    for number in range(LINES + 5):
        await bench.want(str(number))
        await bench.worker.handle(CARD, str(number))
    levels = [line["log_level"] for line in logs]
    assert levels == ["warning"] * LINES + ["debug"] * 5

    bench.clock.pass_(timedelta(minutes=1))
    bench.service.outcomes = [TransientError("GitHub is down.")]
    await bench.want("again")
    await bench.worker.handle(CARD, "again")
    assert logs[-1]["log_level"] == "warning"


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


async def test_a_lost_database_is_waited_for_with_the_outcome_in_hand(
    bench: Bench, logs: list[Any]
) -> None:
    """What was done must not be done again because nobody could write it down."""

    async def then_lose_it(due: Due) -> datetime | None:
        bench.faulty.faults, bench.faulty.fault = 3, TransientError("The database is away.")
        return await bench.service(due)

    await bench.want()
    await Worker(bench.faulty, bench.wakes, {CARD: then_lose_it}, bench.clock).handle(CARD, "1")

    assert await bench.next_due() is None
    assert events(logs) == ["database_away"]


async def test_a_lost_database_is_nobodys_bug(bench: Bench) -> None:
    """However often it is away, nothing is set aside."""
    bench.service.outcomes = [TransientError("The database is away.")] * (GIVE_UP_TRIES + 1)
    await bench.want()
    for _ in range(GIVE_UP_TRIES + 1):
        bench.faulty.faults, bench.faulty.fault = 1, TransientError("The database is away.")
        await bench.work()  # can't even claim
        await bench.work()
        bench.clock.pass_(LONGEST_BACKOFF)

    assert await bench.next_due() is not None


async def test_an_outcome_is_dropped_once_the_row_is_not_ours_any_more(bench: Bench) -> None:
    async def take_long_and_lose_it(due: Due) -> datetime | None:
        del due
        bench.clock.pass_(LEASE)
        bench.faulty.faults, bench.faulty.fault = 1, TransientError("The database is away.")
        return None

    await bench.want()
    worker = Worker(bench.faulty, bench.wakes, {CARD: take_long_and_lose_it}, bench.clock)
    await worker.handle(CARD, "1")

    assert await bench.due_in() == timedelta(0)


async def test_work_that_is_cancelled_is_free_at_once(bench: Bench) -> None:
    """Whoever takes over must not wait for our lease."""
    begun = asyncio.Event()

    async def begin(due: Due) -> datetime | None:
        begun.set()
        return await never_end(due)

    worker = Worker(bench.store, bench.wakes, {CARD: begin}, bench.clock)
    await bench.want()
    working = asyncio.create_task(worker.handle(CARD, "1"))
    await begun.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    await bench.work()

    assert [due.tries for due in bench.service.did] == [2]


async def never_end(due: Due) -> datetime | None:
    await asyncio.Event().wait()
    return due.due_at


async def test_what_takes_too_long_is_stopped_and_is_nobodys_bug(
    bench: Bench, logs: list[Any]
) -> None:
    """Far sides may be slow, one after the other."""
    moment = timedelta(milliseconds=1)
    worker = Worker(bench.store, bench.wakes, {CARD: never_end}, bench.clock, lease=moment)
    await bench.want()
    await worker.handle(CARD, "1")

    assert events(logs) == ["due_waits"]
    assert await bench.due_in() > timedelta(0)


async def test_told_twice_to_stop_it_does_not_wait_for_what_runs(bench: Bench) -> None:
    """Who may not speak to the chats any more must be quiet at once."""
    bench.store.waker = waker = EmbeddedWaker(bench.clock)
    worker = Worker(bench.store, waker, {CARD: never_end}, bench.clock)
    running = asyncio.create_task(worker.run())
    await bench.want()
    async with asyncio.timeout(10):
        while await bench.next_due() == NOON:  # noqa: ASYNC110 - it happens in a database
            await asyncio.sleep(0)
    running.cancel()
    await asyncio.sleep(0.01)
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert await bench.next_due() == NOON


@dataclass
class SlowStore(FaultyStore):
    """A commit that takes its time."""

    committing: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        async with self.real.begin() as tx:
            yield tx
            self.committing.set()
            await asyncio.sleep(0.01)


async def test_a_claim_that_is_cancelled_is_free_at_once(bench: Bench) -> None:
    """It may be committed just then, for nobody."""
    slow = SlowStore(bench.store)
    worker = Worker(slow, bench.wakes, {CARD: bench.service}, bench.clock)
    await bench.want()
    working = asyncio.create_task(worker.handle(CARD, "1"))
    await slow.committing.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    assert bench.service.did == []
    assert await bench.next_due() == NOON


async def test_what_becomes_of_each_row_is_noted(bench: Bench) -> None:
    noted: list[str] = []
    worker = Worker(
        bench.faulty,
        bench.wakes,
        {CARD: bench.service},
        bench.clock,
        note=lambda kind, outcome, took: noted.append(f"{kind} {outcome} {took >= timedelta(0)}"),
    )
    bench.service.outcomes = [
        None,
        BusyError("Others go first."),
        TransientError("GitHub is down."),
        OperatorError("Slack refused the token."),
        PermanentError("There is no channel."),
        KeyError("channel"),
    ]
    for number in range(7):
        await bench.want(str(number))
        bench.faulty.faults = number == 6
        await worker.handle(CARD, str(number))
    await worker.handle(CARD, "is not due")

    words = ["ok", "busy", "waits", "operator", "given_up", "broke", "unrecorded"]
    assert noted == [f"card {word} True" for word in words]


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


@pytest.mark.parametrize("tries", [1, 2, 8, 9, 100, 10_000])
def test_a_backoff_doubles_up_to_five_minutes(tries: int) -> None:
    longest = min(timedelta(seconds=2 * 2 ** min(tries - 1, 20)), timedelta(minutes=5))

    assert longest / 2 <= backoff(tries) <= longest


def test_two_backoffs_differ() -> None:
    """What failed together must not come back together."""
    assert len({backoff(9) for _ in range(20)}) > 1
