"""Waker: one at a time per key, all else at once, each wish after the newest wake."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from bot.adapters.clock import SystemClock
from bot.adapters.wakers.embedded import EmbeddedWaker
from bot.domain.work import DueKind
from bot.ports.clock import Clock
from bot.ports.waker import Waker
from tests.contract.made import NOW

CARD = DueKind.CARD


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

    async def handle(self, kind: DueKind, id: str) -> None:
        assert kind is CARD
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


@pytest.fixture(params=["embedded"])
def make(request: pytest.FixtureRequest) -> Callable[[Clock], Waker]:
    return {"embedded": EmbeddedWaker}[str(request.param)]


@asynccontextmanager
async def running(waker: Waker, hands: Hands) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(waker.run(hands.handle))
    yield task
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def quiet() -> None:
    """Give everything that could run the chance to."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_what_was_woken_before_the_start_runs(
    make: Callable[[Clock], Waker], hands: Hands
) -> None:
    waker = make(HandClock())
    waker.wake(CARD, "a", key="x")
    hands.let("a")
    async with running(waker, hands):
        await hands.until(lambda: hands.ended == ["a"])


async def test_one_key_runs_in_order_and_one_at_a_time(
    make: Callable[[Clock], Waker], hands: Hands
) -> None:
    waker = make(HandClock())
    async with running(waker, hands):
        for id in "abc":
            waker.wake(CARD, id, key="x")
        await quiet()
        assert hands.begun == ["a"]
        hands.let("a")
        await hands.until(lambda: hands.begun == ["a", "b"])
        await quiet()
        assert hands.begun == ["a", "b"]
        hands.let("b", "c")
        await hands.until(lambda: hands.ended == ["a", "b", "c"])


async def test_other_keys_do_not_wait(make: Callable[[Clock], Waker], hands: Hands) -> None:
    waker = make(HandClock())
    async with running(waker, hands):
        waker.wake(CARD, "a", key="x")
        waker.wake(CARD, "b", key="y")
        await hands.until(lambda: hands.begun == ["a", "b"])
        hands.let("a", "b")


async def test_equal_waiting_wakes_are_one(make: Callable[[Clock], Waker], hands: Hands) -> None:
    waker = make(HandClock())
    for _ in range(3):
        waker.wake(CARD, "a", key="x")
    hands.let("a")
    async with running(waker, hands):
        await hands.until(lambda: hands.ended == ["a"])
        await quiet()
        assert hands.begun == ["a"]


async def test_a_wake_during_the_work_is_not_lost(
    make: Callable[[Clock], Waker], hands: Hands
) -> None:
    """The work may have read the row before the wish was stored."""
    waker = make(HandClock())
    async with running(waker, hands):
        waker.wake(CARD, "a", key="x")
        await hands.until(lambda: hands.begun == ["a"])
        waker.wake(CARD, "a", key="x")
        await quiet()
        assert hands.begun == ["a"]
        hands.let("a")
        await hands.until(lambda: hands.ended == ["a", "a"])


async def test_a_later_wake_waits_for_its_time(
    make: Callable[[Clock], Waker], hands: Hands
) -> None:
    clock = HandClock()
    waker = make(clock)
    hands.let("a", "b", "c")
    async with running(waker, hands):
        waker.wake(CARD, "b", key="x", at=NOW + timedelta(hours=2))
        waker.wake(CARD, "a", key="x", at=NOW + timedelta(hours=1))
        await quiet()
        assert hands.begun == []
        clock.time += timedelta(hours=2)
        waker.wake(CARD, "c", key="y")
        await hands.until(lambda: len(hands.ended) == 3)
        assert [id for id in hands.begun if id != "c"] == ["a", "b"]


async def test_a_time_that_comes_wakes_by_itself(
    make: Callable[[Clock], Waker], hands: Hands
) -> None:
    clock = SystemClock()
    waker = make(clock)
    hands.let("a")
    async with running(waker, hands):
        waker.wake(CARD, "a", key="x", at=clock.now() + timedelta(milliseconds=20))
        await hands.until(lambda: hands.ended == ["a"])


async def test_a_stopped_waker_lets_the_work_finish_and_takes_no_more(
    make: Callable[[Clock], Waker], hands: Hands
) -> None:
    waker = make(HandClock())
    async with running(waker, hands) as task:
        waker.wake(CARD, "a", key="x")
        waker.wake(CARD, "b", key="x")
        await hands.until(lambda: hands.begun == ["a"])
        task.cancel()
        await quiet()
        assert not task.done()
        hands.let("a", "b")
        await asyncio.wait([task])
        assert hands.ended == hands.begun == ["a"]


async def test_stopped_twice_does_not_wait(make: Callable[[Clock], Waker], hands: Hands) -> None:
    waker = make(HandClock())
    async with running(waker, hands) as task:
        waker.wake(CARD, "a", key="x")
        await hands.until(lambda: hands.begun == ["a"])
        task.cancel()
        await quiet()
        task.cancel()
        await asyncio.wait([task])
        assert hands.cancelled == ["a"]


async def test_a_handler_that_breaks_is_heard_of(make: Callable[[Clock], Waker]) -> None:
    """The worker catches what handlers raise; whatever passes it is a bug, and loud."""

    async def broken(_kind: DueKind, _id: str) -> None:
        msg = "not caught"
        raise ZeroDivisionError(msg)

    waker = make(HandClock())
    waker.wake(CARD, "a", key="x")
    with pytest.raises(ExceptionGroup) as error:
        await waker.run(broken)
    assert error.group_contains(ZeroDivisionError, match="not caught")


async def test_no_more_than_allowed_run_at_once(hands: Hands) -> None:
    waker = EmbeddedWaker(HandClock(), parallel=2)
    async with running(waker, hands):
        for id in "abc":
            waker.wake(CARD, id, key=id)
        await quiet()
        assert hands.begun == ["a", "b"]
        hands.let("b")
        await hands.until(lambda: hands.begun == ["a", "b", "c"])
        hands.let("a", "c")
