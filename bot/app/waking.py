"""Chooses who wakes the worker, by where the rows are."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.adapters.storage.store import SqlStore
from bot.adapters.wakers.embedded import EmbeddedWaker
from bot.ports.clock import Clock
from bot.ports.waker import Waker


@dataclass(frozen=True, slots=True)
class Waking:
    waker: Waker
    connected: Callable[[], bool] | None = None
    """Whether wakes arrive; None where they need no connection."""


@asynccontextmanager
async def open_waker(
    url: str, store: SqlStore, clock: Clock, *, busy: Callable[[], bool]
) -> AsyncIterator[Waking]:
    """Open the waker, and let the store tell it what became due.

    Args:
        url: As in DATABASE_URL.
        store: Has the rows; its database has the tables already.
        clock: The time of day.
        busy: Whether so much comes in that work had better wait a little.
    """
    if not store.is_shared:
        store.waker = waker = EmbeddedWaker(clock, busy=busy)
        yield Waking(waker)
        return
    # Most run on SQLite, without its driver.
    from bot.adapters.wakers.procrastinate import ProcrastinateWaker  # noqa: PLC0415 - see above

    async with ProcrastinateWaker(url, clock) as shared:
        store.waker = shared
        yield Waking(shared, lambda: shared.connected)
