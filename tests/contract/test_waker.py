"""Waker: one at a time per key, all else at once, each wish after the newest wake."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from bot.adapters.clock import SystemClock
from bot.adapters.wakers.embedded import BACKLOG, LONGEST_REST, PARALLEL, EmbeddedWaker
from bot.adapters.wakers.procrastinate import LOOK_EVERY, ProcrastinateWaker
from bot.domain.work import DueKind, Queue
from bot.ports.clock import Clock
from bot.ports.waker import EVERY_QUEUE, Waker
from tests.contract.made import NOW

CARD = DueKind.CARD
CHAT = frozenset({Queue.CHAT})
OTHERS = EVERY_QUEUE - CHAT


class HandClock:
    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time


class Hands:
    """A handler whose work ends when the test says so."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.cancelled: list[str] = []
        self._gates: dict[str, asyncio.Event] = {}
        self._moved = asyncio.Event()

    async def handle(self, _kind: DueKind, id: str) -> None:
        self.begun.append(id)
        self._moved.set()
        try:
            await self._gate(id).wait()
        except asyncio.CancelledError:
            self.cancelled.append(id)
            raise
        self.ended.append(id)
        self._moved.set()

    def let(self, *ids: str) -> None:
        for id in ids:
            self._gate(id).set()

    def _gate(self, id: str) -> asyncio.Event:
        return self._gates.setdefault(id, asyncio.Event())

    async def until(self, reached: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not reached():
                self._moved.clear()
                await self._moved.wait()


@pytest.fixture
def hands() -> Hands:
    return Hands()


@dataclass
class Kind:
    """A sort of waker, and how long what it could do takes at most."""

    url: str
    stack: AsyncExitStack

    async def make(self, clock: Clock, *, parallel: Mapping[Queue, int] = PARALLEL) -> Waker:
        if not self.url:
            return EmbeddedWaker(clock, parallel=parallel)
        waker = ProcrastinateWaker(self.url, clock, parallel=parallel)
        return await self.stack.enter_async_context(waker)

    async def quiet(self) -> None:
        """Give everything that could run the chance to."""
        for _ in range(20):
            await asyncio.sleep(LOOK_EVERY.total_seconds() / 10 if self.url else 0)


@pytest.fixture(params=["embedded", "procrastinate"])
async def wakers(request: pytest.FixtureRequest) -> AsyncIterator[Kind]:
    on_a_server = request.param == "procrastinate"
    url = request.getfixturevalue("postgres") if on_a_server else ""
    async with AsyncExitStack() as stack:
        yield Kind(url, stack)


@asynccontextmanager
async def running(
    waker: Waker, hands: Hands, queues: frozenset[Queue] = EVERY_QUEUE
) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(waker.run(hands.handle, queues))
    yield task
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_was_woken_before_the_start_runs(wakers: Kind, hands: Hands) -> None:
    waker = await wakers.make(HandClock())
    waker.wake(CARD, "a", key="x")
    hands.let("a")
    async with running(waker, hands):
        await hands.until(lambda: hands.ended == ["a"])


async def test_one_key_runs_in_order_and_one_at_a_time(wakers: Kind, hands: Hands) -> None:
    waker = await wakers.make(HandClock())
    async with running(waker, hands):
        for id in "abc":
            waker.wake(CARD, id, key="x")
        await wakers.quiet()
        assert hands.begun == ["a"]
        hands.let("a")
        await hands.until(lambda: hands.begun == ["a", "b"])
        await wakers.quiet()
        assert hands.begun == ["a", "b"]
        hands.let("b", "c")
        await hands.until(lambda: hands.ended == ["a", "b", "c"])


async def test_other_keys_do_not_wait(wakers: Kind, hands: Hands) -> None:
    waker = await wakers.make(HandClock())
    async with running(waker, hands):
        waker.wake(CARD, "a", key="x")
        waker.wake(CARD, "b", key="y")
        await hands.until(lambda: hands.begun == ["a", "b"])
        hands.let("a", "b")


async def test_equal_waiting_wakes_are_one(wakers: Kind, hands: Hands) -> None:
    waker = await wakers.make(HandClock())
    for _ in range(3):
        waker.wake(CARD, "a", key="x")
    hands.let("a")
    async with running(waker, hands):
        await hands.until(lambda: hands.ended == ["a"])
        await wakers.quiet()
        assert hands.begun == ["a"]


async def test_a_wake_during_the_work_is_not_lost(wakers: Kind, hands: Hands) -> None:
    """The work may have read the row before the wish was stored."""
    waker = await wakers.make(HandClock())
    async with running(waker, hands):
        waker.wake(CARD, "a", key="x")
        await hands.until(lambda: hands.begun == ["a"])
        waker.wake(CARD, "a", key="x")
        await wakers.quiet()
        assert hands.begun == ["a"]
        hands.let("a")
        await hands.until(lambda: hands.ended == ["a", "a"])


async def test_a_later_wake_waits_for_its_time(wakers: Kind, hands: Hands) -> None:
    clock = HandClock()
    waker = await wakers.make(clock)
    hands.let("a", "b", "c")
    async with running(waker, hands):
        waker.wake(CARD, "b", key="x", at=NOW + timedelta(hours=2))
        waker.wake(CARD, "a", key="x", at=NOW + timedelta(hours=1))
        await wakers.quiet()
        assert hands.begun == []
        clock.time += timedelta(hours=2)
        waker.wake(CARD, "c", key="y")
        await hands.until(lambda: len(hands.ended) == 3)
        assert [id for id in hands.begun if id != "c"] == ["a", "b"]


async def test_a_time_that_comes_wakes_by_itself(wakers: Kind, hands: Hands) -> None:
    clock = SystemClock()
    waker = await wakers.make(clock)
    hands.let("a")
    async with running(waker, hands):
        waker.wake(CARD, "a", key="x", at=clock.now() + timedelta(milliseconds=20))
        await hands.until(lambda: hands.ended == ["a"])


async def test_a_stopped_waker_lets_the_work_finish_and_takes_no_more(
    wakers: Kind, hands: Hands
) -> None:
    waker = await wakers.make(HandClock())
    async with running(waker, hands) as task:
        waker.wake(CARD, "a", key="x")
        waker.wake(CARD, "b", key="x")
        await hands.until(lambda: hands.begun == ["a"])
        task.cancel()
        await wakers.quiet()
        assert not task.done()
        hands.let("a", "b")
        await asyncio.wait([task])
        assert hands.ended == hands.begun == ["a"]


async def test_stopped_twice_does_not_wait(wakers: Kind, hands: Hands) -> None:
    waker = await wakers.make(HandClock())
    async with running(waker, hands) as task:
        waker.wake(CARD, "a", key="x")
        await hands.until(lambda: hands.begun == ["a"])
        task.cancel()
        await wakers.quiet()
        task.cancel()
        await asyncio.wait([task])
        assert hands.cancelled == ["a"]


async def test_a_handler_that_breaks_is_heard_of(wakers: Kind) -> None:
    """The worker catches what handlers raise; whatever passes it is a bug, and loud."""

    async def broken(_kind: DueKind, _id: str) -> None:
        msg = "not caught"
        raise ZeroDivisionError(msg)

    waker = await wakers.make(HandClock())
    waker.wake(CARD, "a", key="x")
    with pytest.raises(ExceptionGroup) as error:
        await waker.run(broken)
    assert error.group_contains(ZeroDivisionError, match="not caught")


async def test_no_more_than_allowed_run_at_once(wakers: Kind, hands: Hands) -> None:
    waker = await wakers.make(HandClock(), parallel={**PARALLEL, Queue.CHAT: 2})
    async with running(waker, hands):
        for id in "abc":
            waker.wake(CARD, id, key=id)
        await hands.until(lambda: len(hands.begun) == 2)
        await wakers.quiet()
        assert hands.begun == ["a", "b"]
        hands.let("b")
        await hands.until(lambda: hands.begun == ["a", "b", "c"])
        hands.let("a", "c")


async def test_a_full_queue_does_not_hold_up_another(wakers: Kind, hands: Hands) -> None:
    """Logs that come slowly must not keep a delivery waiting."""
    waker = await wakers.make(HandClock(), parallel=dict.fromkeys(Queue, 1))
    async with running(waker, hands):
        waker.wake(DueKind.DIAGNOSIS, "slow", key="x")
        waker.wake(DueKind.DIAGNOSIS, "slower", key="y")
        await hands.until(lambda: hands.begun == ["slow"])
        waker.wake(DueKind.DELIVERY, "a", key="z")
        hands.let("a")
        await hands.until(lambda: hands.ended == ["a"])
        assert hands.begun == ["slow", "a"]
        hands.let("slow", "slower")


async def test_a_key_is_one_over_all_queues(wakers: Kind, hands: Hands) -> None:
    waker = await wakers.make(HandClock())
    async with running(waker, hands):
        waker.wake(DueKind.DIAGNOSIS, "7", key="incident:7")
        await hands.until(lambda: hands.begun == ["7"])
        waker.wake(DueKind.WATCH, "seven", key="incident:7")
        await wakers.quiet()
        assert hands.begun == ["7"]
        hands.let("7", "seven")
        await hands.until(lambda: hands.ended == ["7", "seven"])


async def test_only_the_queues_asked_for_are_served(wakers: Kind, hands: Hands) -> None:
    """Somebody else speaks to the chats, or nobody for a while; what waits for them waits."""
    waker = await wakers.make(HandClock())
    hands.let("card", "delivery")
    async with running(waker, hands, OTHERS):
        waker.wake(CARD, "card", key="x")
        waker.wake(DueKind.DELIVERY, "delivery", key="y")
        await hands.until(lambda: hands.ended == ["delivery"])
        await wakers.quiet()
        assert hands.begun == ["delivery"]
        async with running(waker, hands, CHAT):
            await hands.until(lambda: hands.ended == ["delivery", "card"])


async def test_one_queue_is_left_and_the_others_go_on(wakers: Kind, hands: Hands) -> None:
    """Who may not speak to the chats any more ends that at once, and nothing else."""
    waker = await wakers.make(HandClock())
    async with running(waker, hands, OTHERS):
        async with running(waker, hands, CHAT) as chat:
            waker.wake(CARD, "card", key="x")
            waker.wake(DueKind.DELIVERY, "delivery", key="y")
            await hands.until(lambda: len(hands.begun) == 2)
            chat.cancel()
            await wakers.quiet()
            chat.cancel()
            await asyncio.wait([chat])
            assert hands.cancelled == ["card"]
        hands.let("delivery")
        await hands.until(lambda: hands.ended == ["delivery"])


async def test_a_memory_of_wakes_has_an_end(hands: Hands) -> None:
    """What is dropped, the sweep finds."""
    waker = EmbeddedWaker(HandClock(), most=2)
    for id in "abc":
        waker.wake(CARD, id, key=id)
        waker.wake(CARD, f"{id} later", key=id, at=NOW + timedelta(seconds=1))
    waker.wake(DueKind.DELIVERY, "d", key="d")  # another queue, another memory
    hands.let("a", "b", "c", "d")
    async with running(waker, hands):
        await hands.until(lambda: sorted(hands.ended) == ["a", "b", "d"])


async def test_triage_is_one_at_a_time_while_deliveries_pour_in(hands: Hands) -> None:
    """Requests are answered first; what they bring may wait a little."""
    pouring = True
    waker = EmbeddedWaker(HandClock(), busy=lambda: pouring)
    async with running(waker, hands):
        for id in "abc":
            waker.wake(DueKind.DELIVERY, id, key=id)
        for id in "de":
            waker.wake(CARD, id, key=id)
        await hands.until(lambda: sorted(hands.begun) == ["a", "d", "e"])
        pouring = False
        hands.let("a")
        await hands.until(lambda: sorted(hands.begun) == ["a", "b", "c", "d", "e"])
        hands.let("b", "c", "d", "e")


async def test_triage_rests_while_deliveries_pour_in(hands: Hands) -> None:
    """As long as it works, the door is not heard; chats go on."""
    waker = EmbeddedWaker(HandClock(), busy=lambda: True)
    async with running(waker, hands):
        for id in "ab":
            waker.wake(DueKind.DELIVERY, id, key=id)
        await hands.until(lambda: hands.begun == ["a"])
        await asyncio.sleep(LONGEST_REST)  # so that the rest is its longest
        hands.let("a", "b", "card")
        await hands.until(lambda: hands.ended == ["a"])
        waker.wake(CARD, "card", key="card")
        await hands.until(lambda: "card" in hands.ended)
        assert hands.begun == ["a", "card"]
        await hands.until(lambda: "b" in hands.ended)


async def test_logs_are_read_one_at_a_time_while_deliveries_wait(hands: Hands) -> None:
    """In a storm, a card in a quiet channel must not wait for the logs of all the others."""
    waker = EmbeddedWaker(HandClock(), parallel={**PARALLEL, Queue.TRIAGE: 1})
    waiting = [f"{number}" for number in range(BACKLOG + 2)]
    async with running(waker, hands):
        for id in waiting:
            waker.wake(DueKind.DELIVERY, id, key=id)
        await hands.until(lambda: hands.begun == ["0"])
        for id in "abc":
            waker.wake(DueKind.DIAGNOSIS, id, key=id)
        await hands.until(lambda: hands.begun == ["0", "a"])
        hands.let(*waiting)
        await hands.until(lambda: {"a", "b", "c"} <= set(hands.begun))
        hands.let("a", "b", "c")


async def test_a_recovery_does_not_wait_for_a_pile_of_logs(wakers: Kind, hands: Hands) -> None:
    waker = await wakers.make(HandClock(), parallel=dict.fromkeys(Queue, 1))
    async with running(waker, hands):
        for id in "abc":
            waker.wake(DueKind.DIAGNOSIS, id, key=id)
        await hands.until(lambda: hands.begun == ["a"])
        waker.wake(DueKind.GREEN, "green", key="green")
        await wakers.quiet()
        hands.let("a", "green")
        await hands.until(lambda: hands.begun == ["a", "green", "b"])
        hands.let("b", "c")
