"""Finds what is due by looking: a lost wake costs seconds, a wiped queue nothing."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final, Protocol

import structlog

from bot.domain.errors import TransientError
from bot.domain.work import Queue
from bot.ports.clock import Clock
from bot.ports.rows import DueRows
from bot.ports.store import Store
from bot.ports.waker import EVERY_QUEUE, Waker

log = structlog.get_logger()

SWEEP_EVERY: Final = timedelta(seconds=30)
SWEEP_ON: Final = timedelta(seconds=1)  # where more is left, or the database was away
SWEEP_ROWS: Final = 1_000  # of each queue
SET_BACK: Final = timedelta(minutes=1)  # less is a clock being trimmed, and only makes us late


class SweepTx(DueRows, Protocol):
    """Rows that a sweep looks at."""


class Sweep:
    def __init__(
        self,
        store: Store[SweepTx],
        waker: Waker,
        clock: Clock,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._waker = waker
        self._clock = clock
        self._monotonic = monotonic
        self._ahead = self._lead()
        self._soon: set[asyncio.Event] = set()

    def soon(self) -> None:
        """Sweep at once: somebody knows that rows came due without a wake."""
        for event in self._soon:
            event.set()

    async def run(self, queues: frozenset[Queue] = EVERY_QUEUE) -> None:
        """Sweep until cancelled; the database may be away meanwhile."""
        soon = asyncio.Event()
        self._soon.add(soon)
        try:
            while True:
                soon.clear()
                pause = await self._sweep_and_pause(queues)
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause.total_seconds()):
                        await soon.wait()
        finally:
            self._soon.discard(soon)

    async def _sweep_and_pause(self, queues: frozenset[Queue]) -> timedelta:
        try:
            await self.mind_the_clock()
            more = await self.sweep(queues) >= SWEEP_ROWS
        except TransientError as error:
            log.warning("sweep_waits", why=str(error))
            return SWEEP_ON
        except Exception:
            log.exception("sweep_broke")
            return SWEEP_EVERY
        return SWEEP_ON if more else SWEEP_EVERY

    async def sweep(self, queues: frozenset[Queue] = EVERY_QUEUE) -> int:
        """Wake what is due now or before the next sweep; return how many of the fullest queue are.

        Each queue has a page of its own: a thousand logs to read must not hide a delivery. What
        comes due soon may have been put off by a process that died with its memory of it.
        """
        now = self._clock.now()
        fullest = 0
        for queue in sorted(queues):
            async with self._store.read() as tx:
                rows = await tx.due_now(now, limit=SWEEP_ROWS, queues=frozenset({queue}))
                soon = await tx.due_soon(
                    now, until=now + SWEEP_EVERY, limit=SWEEP_ROWS, queues=frozenset({queue})
                )
            for kind, row_id, key in rows:
                self._waker.wake(kind, row_id, key=key)
            for kind, row_id, key, at in soon:
                self._waker.wake(kind, row_id, key=key, at=at)
            fullest = max(fullest, len(rows))
        return fullest

    async def mind_the_clock(self) -> None:
        """Call every waiting row where the clock was set back; each knows when to come again.

        Rows written by a clock that was ahead would wait for as long as it was. To call one too
        early is harmless, and unlike moving all by the difference it may be done by every
        process of the machine. What is claimed comes free when its holder is done or dead.
        """
        lead = self._lead()
        set_back, self._ahead = self._ahead - lead, lead
        if set_back < SET_BACK:
            return
        try:
            async with self._store.begin() as tx:
                called = await tx.call_all(now=self._clock.now())
        except TransientError:
            self._ahead += set_back  # notice it again
            raise
        log.warning("clock_was_set_back", by=str(set_back), called=called)

    def _lead(self) -> timedelta:
        """Return how far the clock is ahead of one that nobody sets, give or take a constant."""
        return timedelta(seconds=self._clock.now().timestamp() - self._monotonic())
