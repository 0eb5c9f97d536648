"""One loop: claim a due row, call its service, record the outcome, back off."""

import asyncio
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.domain.errors import OperatorError, SmokejumperError, TransientError
from bot.domain.work import Due, DueKind
from bot.due import DoDue
from bot.ports.clock import Clock
from bot.ports.rows import DueRows
from bot.ports.store import Store
from bot.ports.waker import Waker

log = structlog.get_logger()

LEASE: Final = timedelta(minutes=5)  # longer than any single work; a crashed one is taken over
SWEEP_EVERY: Final = timedelta(seconds=30)
SWEEP_ROWS: Final = 1_000
FIRST_BACKOFF: Final = timedelta(seconds=2)
LONGEST_BACKOFF: Final = timedelta(minutes=5)
TELL_AGAIN: Final = timedelta(hours=6)
GIVE_UP_TRIES: Final = 12  # for what we broke ourselves; outside faults are tried for ever


class Worker:
    """The error boundary of all due rows: a failure is the next try's, the operator's, or ours."""

    def __init__(
        self,
        store: Store[DueRows],
        waker: Waker,
        due: Mapping[DueKind, DoDue],
        clock: Clock,
    ) -> None:
        self._store = store
        self._waker = waker
        self._due = due
        self._clock = clock
        self._told: dict[str, datetime] = {}

    async def run(self) -> None:
        """Sweep and work until cancelled; what runs then may finish."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._waker.run(self.handle))
            group.create_task(self._sweep_forever())

    async def sweep(self) -> int:
        """Wake all due rows: a lost wake costs seconds, a wiped queue nothing."""
        async with self._store.read() as tx:
            rows = await tx.due_now(self._clock.now(), limit=SWEEP_ROWS)
        for kind, row_id, key in rows:
            self._waker.wake(kind, row_id, key=key)
        return len(rows)

    async def handle(self, kind: DueKind, row_id: str) -> None:
        """Do one due row, if it is still due; whatever fails, the row says what comes next."""
        try:
            async with self._store.begin() as tx:
                due = await tx.claim(kind, row_id, now=self._clock.now(), lease=LEASE)
            if due is not None:
                await self._do(due)
        except Exception:
            # Neither claimed nor recorded: the sweep finds it, at the latest after its lease.
            log.exception("due_not_recorded", kind=kind, id=row_id)

    async def _do(self, due: Due) -> None:
        about = {"kind": due.kind, "id": due.id, "tries": due.tries}
        try:
            async with asyncio.timeout(LEASE.total_seconds()):
                again = await self._due[due.kind](due)
        except OperatorError as error:
            self._tell_operator(due, str(error))
            await self._postpone(due)
        except TransientError as error:
            log.warning("due_waits", **about, why=str(error))
            await self._postpone(due, after=error.after)
        except SmokejumperError as error:
            log.error("due_given_up", **about, why=str(error))
            await self._finish(due, again=None)
        except Exception:
            log.exception("due_broke", **about)
            await self._broke(due)
        else:
            await self._finish(due, again=again)

    def _tell_operator(self, due: Due, why: str) -> None:
        """Say what only the operator can mend, once in a while and not at every try."""
        now = self._clock.now()
        last = self._told.get(why)
        if last is None or now - last >= TELL_AGAIN:
            self._told = {text: at for text, at in self._told.items() if now - at < TELL_AGAIN}
            self._told[why] = now
            log.error("operator_needed", kind=due.kind, id=due.id, why=why)

    async def _finish(self, due: Due, *, again: datetime | None) -> None:
        async with self._store.begin() as tx:
            await tx.finish(due, again=again)

    async def _postpone(self, due: Due, *, after: timedelta | None = None) -> None:
        wait = max(backoff(due.tries), after or timedelta(0))
        async with self._store.begin() as tx:
            await tx.postpone(due, until=self._clock.now() + wait)

    async def _broke(self, due: Due) -> None:
        if due.tries < GIVE_UP_TRIES:
            return await self._postpone(due)
        log.error("due_set_aside", kind=due.kind, id=due.id, tries=due.tries)
        return await self._finish(due, again=None)

    async def _sweep_forever(self) -> None:
        while True:
            try:
                await self.sweep()
            except Exception:
                log.exception("sweep_broke")
            await asyncio.sleep(SWEEP_EVERY.total_seconds())


def backoff(tries: int) -> timedelta:
    """Return how long to wait after that many tries: doubling, with jitter, bounded."""
    doublings = min(tries - 1, 20)
    longest: timedelta = min(FIRST_BACKOFF * (1 << doublings), LONGEST_BACKOFF)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret
