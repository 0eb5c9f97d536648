"""A right that ends unless it is renewed in time: to live among others, to lead the chats."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

FINISH_WITHIN: Final = timedelta(seconds=8)  # what runs may end by itself; the rest is left due
DROP_WITHIN: Final = timedelta(seconds=1)  # what runs without the right may close its connections
STOPPED_WITHIN: Final = FINISH_WITHIN + 2 * DROP_WITHIN

Work = Callable[[], Coroutine[Any, Any, None]]


def since_boot() -> float:
    """Return seconds that also pass while the machine is suspended, where the system knows them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Tenure:
    """The times in which a right is ours; work that needs it runs in them alone."""

    def __init__(self, *, lasts: timedelta, now: Callable[[], float] = since_boot) -> None:
        self._lasts = lasts.total_seconds()
        self._now = now
        self._until = float("-inf")
        self._term = 0
        self._working = 0
        self._changed = asyncio.Event()

    @property
    def held(self) -> bool:
        return self._now() < self._until

    def renew(self, *, since: float) -> None:
        """Hold the right for its time from *since*, when it was asked for.

        Where it had ended before, a new term begins: what ran in the old one is stopped, even if
        nobody had noticed the end yet, as after a machine was suspended.
        """
        if not self.held:
            self._term += 1
        self._until = since + self._lasts
        self._tell()

    def end(self) -> None:
        self._until = float("-inf")
        self._tell()

    async def vacated(self) -> None:
        """Wait until nothing runs that began in a term that is over."""
        while self._working and not self.held:
            await self._change()

    async def during(self, work: Work) -> None:
        """Run *work* whenever the right is ours, and drop it at once when it no longer is.

        Returns, or raises, when *work* ends by itself. Cancelled, it lets *work* finish.
        """
        while True:
            while not self.held:
                await self._change()
            if await self._in_term(work):
                return

    async def _in_term(self, work: Work) -> bool:
        """Run *work* until the term is over; return whether it ended by itself."""
        self._working += 1
        working = asyncio.create_task(work())
        over = asyncio.create_task(self._over(self._term))
        try:
            await asyncio.wait({working, over}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                await working
                return True
            await stopped(working, within=timedelta(0))
        except asyncio.CancelledError:
            await stopped(working, within=FINISH_WITHIN)
            raise
        finally:
            over.cancel()
            self._working -= 1
            self._tell()
        return False

    async def _over(self, term: int) -> None:
        while self._term == term and self.held:
            await self._change(within_seconds=self._until - self._now())

    async def _change(self, *, within_seconds: float | None = None) -> None:
        changed = self._changed
        with suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                await changed.wait()

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


async def stopped(task: "asyncio.Task[None]", *, within: timedelta) -> None:
    """Ask *task* to end; after *within* it is not asked any more, its rows are still due."""
    for patience in (within, DROP_WITHIN, DROP_WITHIN):
        task.cancel()
        await asyncio.wait([task], timeout=patience.total_seconds())
        if task.done():
            return
