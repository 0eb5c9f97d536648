"""Claim a due row, call its service, record the outcome, back off."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.domain.errors import BusyError, OperatorError, SmokejumperError, TransientError
from bot.domain.work import Due, DueKind, Queue
from bot.due import DoDue
from bot.ledger import Ledger, Record
from bot.ports.clock import Clock
from bot.ports.rows import DueRows
from bot.ports.store import Store
from bot.ports.waker import EVERY_QUEUE, Waker
from bot.sweep import Sweep

log = structlog.get_logger()

LEASE: Final = timedelta(minutes=5)  # longer than any single work; a crashed one is taken over
FIRST_BACKOFF: Final = timedelta(seconds=2)
LONGEST_BACKOFF: Final = timedelta(minutes=5)
BUSY_WAIT: Final = timedelta(seconds=1)  # where nobody said when there is room again
TELL_AGAIN: Final = timedelta(hours=6)
TELL_AWAY_AGAIN: Final = timedelta(minutes=1)
LINES: Final = 20  # a minute, of rows of one kind that wait; in a storm the first say enough
GIVE_UP_TRIES: Final = 12  # for what we broke ourselves; outside faults are tried for ever
BROKEN_SCHEDULE: Final = timedelta(hours=1)  # until it is tried again, once it broke that often
RECORD_AGAIN: Final = timedelta(milliseconds=200)
LEAVE_WITHIN: Final = timedelta(seconds=1)

KeepAside = Callable[[Due, str], Awaitable[None]]
NoteDown = Callable[[DueKind, str, timedelta], None]


def _nobody(_kind: DueKind, _outcome: str, _took: timedelta) -> None:
    """Where nobody counts."""


class Worker:
    """The error boundary of all due rows: a failure is the next try's, the operator's, or ours."""

    def __init__(  # noqa: PLR0913 - keyword-only but for what a worker can't do without
        self,
        store: Store[DueRows],
        waker: Waker,
        due: Mapping[DueKind, DoDue],
        clock: Clock,
        *,
        set_aside: Mapping[DueKind, KeepAside] | None = None,
        note: NoteDown = _nobody,
        shared_commits: bool = True,
        lease: timedelta = LEASE,
    ) -> None:
        """Prepare a worker.

        Args:
            store: Where due rows are.
            waker: Tells which to look at.
            due: The service of each kind.
            clock: The time of day.
            set_aside: Kinds whose broken rows are kept by somebody else, with what we say of
                them; all others keep their error in the due row. May be called twice for one.
            note: Told of each row that was handled, in one word, and how long it took.
            shared_commits: As `Ledger` has it; False where several processes share a database.
            lease: How long one work may take; then it is stopped and tried again later.
        """
        self._lease = lease
        self._ledger = Ledger(store, shared=shared_commits)
        self._waker = waker
        self._due = due
        self._clock = clock
        self._set_aside = set_aside or {}
        self._note = note
        self._told: dict[str, datetime] = {}
        self._lines: dict[tuple[DueKind, datetime], int] = {}
        self._sweep = Sweep(store, waker, clock)

    async def run(self, queues: frozenset[Queue] = EVERY_QUEUE) -> None:
        """Sweep and work until cancelled; what runs then may finish, unless cancelled again."""
        sweeping = asyncio.create_task(self._sweep.run(queues))
        try:
            # Not in a TaskGroup: it would keep a second cancellation to itself.
            await self._waker.run(self.handle, queues)
        finally:
            sweeping.cancel()
            await asyncio.wait([sweeping])
            await self._ledger.close()

    async def sweep(self, queues: frozenset[Queue] = EVERY_QUEUE) -> int:
        """Wake all due rows."""
        return await self._sweep.sweep(queues)

    def sweep_soon(self) -> None:
        """Do not wait for the next sweep: the claims of a dead process were freed."""
        self._sweep.soon()

    async def handle(self, kind: DueKind, row_id: str) -> None:
        """Do one due row, if it is still due; whatever fails, the row says what comes next."""
        began = asyncio.get_running_loop().time()
        try:
            due = await self._claim(kind, row_id)
            if due is None:
                return
            outcome = await self._do_or_leave(due)
        except TransientError as error:
            # The sweep finds the row, at the latest after its lease.
            self._tell("database_away", str(error), again=TELL_AWAY_AGAIN)
            outcome = "unrecorded"
        except Exception:
            log.exception("due_not_recorded", kind=kind, id=row_id)
            outcome = "unrecorded"
        took = asyncio.get_running_loop().time() - began
        self._note(kind, outcome, timedelta(seconds=took))

    async def _claim(self, kind: DueKind, row_id: str) -> Due | None:
        now = self._clock.now()
        claiming = asyncio.ensure_future(
            self._ledger.write(lambda tx: tx.claim(kind, row_id, now=now, lease=self._lease))
        )
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            with suppress(TransientError, TimeoutError):
                async with asyncio.timeout(LEAVE_WITHIN.total_seconds()):
                    await self._leave(await claiming)
            raise

    async def _do_or_leave(self, due: Due) -> str:
        try:
            return await self._do(due)
        except asyncio.CancelledError:
            with suppress(TransientError, TimeoutError):
                async with asyncio.timeout(LEAVE_WITHIN.total_seconds()):
                    await self._leave(due)
            raise

    async def _leave(self, due: Due | None) -> None:
        """Free a row for whoever takes over; where that fails, its lease does."""
        if due is not None:
            now = self._clock.now()
            await self._ledger.write(lambda tx: tx.postpone(due, until=now))

    async def _do(self, due: Due) -> str:
        """Call the service, record what came of it, and return that in a word."""
        timeout = asyncio.timeout(self._lease.total_seconds())
        try:
            async with timeout:
                again = await self._due[due.kind](due)
        except SmokejumperError as error:
            return await self._failed(due, error)
        except Exception as error:
            if timeout.expired():  # slow far sides, one after the other
                return await self._failed(due, TransientError(f"it took longer than {self._lease}"))
            log.exception("due_broke", kind=due.kind, id=due.id, tries=due.tries)
            return await self._broke(due, f"{type(error).__name__}: {error}")
        return await self._finish(due, again=again)

    async def _failed(self, due: Due, error: SmokejumperError) -> str:
        match error:
            case BusyError():
                log.debug("due_busy", kind=due.kind, id=due.id, why=str(error))
                return await self._give_back(due, after=error.after)
            case OperatorError():
                self._tell("operator_needed", str(error), kind=due.kind, id=due.id)
                return await self._postpone(due, outcome="operator")
            case TransientError():
                self._say_that_it_waits(due, str(error))
                return await self._postpone(due, after=error.after)
            case _ if due.recurs:  # a proxy's odd answer must not end it
                self._tell("operator_needed", str(error), kind=due.kind, id=due.id)
                return await self._postpone(due, outcome="operator")
            case _:
                why = str(error)
                log.error("due_given_up", kind=due.kind, id=due.id, tries=due.tries, why=why)
                return await self._finish(due, again=None, outcome="given_up")

    def _tell(self, event: str, why: str, *, again: timedelta = TELL_AGAIN, **about: str) -> None:
        """Say what concerns many rows once in a while, and not for each of them."""
        now = self._clock.now()
        last = self._told.get(why)
        if last is None or now - last >= again:
            self._told = {text: at for text, at in self._told.items() if now - at < TELL_AGAIN}
            self._told[why] = now
            log.error(event, **about, why=why)

    def _say_that_it_waits(self, due: Due, why: str) -> None:
        minute = due.kind, self._clock.now().replace(second=0, microsecond=0)
        if minute not in self._lines:
            self._lines = {one: said for one, said in self._lines.items() if one[1] == minute[1]}
        said = self._lines[minute] = self._lines.get(minute, 0) + 1
        say = log.warning if said <= LINES else log.debug
        say("due_waits", kind=due.kind, id=due.id, tries=due.tries, why=why)

    async def _record(self, due: Due, record: Record[object]) -> None:
        """Write an outcome; while the database is away, for as long as the row is ours.

        To wait here holds back work that could not be recorded either.
        """
        while True:
            try:
                await self._ledger.write(record)
            except TransientError as error:
                if self._clock.now() >= due.due_at:
                    raise
                self._tell("database_away", str(error), again=TELL_AWAY_AGAIN)
                await asyncio.sleep(RECORD_AGAIN.total_seconds() * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
            else:
                return

    async def _finish(self, due: Due, *, again: datetime | None, outcome: str = "ok") -> str:
        await self._record(due, lambda tx: tx.finish(due, again=again))
        return outcome

    async def _postpone(
        self, due: Due, *, after: timedelta | None = None, outcome: str = "waits"
    ) -> str:
        until = self._clock.now() + max(backoff(due.tries), after or timedelta(0))
        await self._record(due, lambda tx: tx.postpone(due, until=until))
        return outcome

    async def _give_back(self, due: Due, *, after: timedelta | None) -> str:
        # What was refused together must not come back together: there is room for some of it.
        wait = max(after or BUSY_WAIT, BUSY_WAIT) * random.uniform(1.0, 1.25)  # noqa: S311 - jitter, not a secret
        until = self._clock.now() + wait
        await self._record(due, lambda tx: tx.give_back(due, until=until))
        return "busy"

    async def _broke(self, due: Due, why: str) -> str:
        if due.tries < GIVE_UP_TRIES:
            return await self._postpone(due, outcome="broke")
        if due.recurs:
            return await self._postpone(due, after=BROKEN_SCHEDULE, outcome="broke")
        log.error("due_set_aside", kind=due.kind, id=due.id, tries=due.tries, why=why)
        if kept := self._set_aside.get(due.kind):
            await kept(due, why)
            return await self._finish(due, again=None, outcome="set_aside")
        at = self._clock.now()
        await self._record(due, lambda tx: tx.set_aside(due, why, at=at))
        return "set_aside"


def backoff(tries: int) -> timedelta:
    """Return how long to wait after that many tries: doubling, with jitter, bounded."""
    doublings = min(max(tries - 1, 0), 20)
    longest: timedelta = min(FIRST_BACKOFF * (1 << doublings), LONGEST_BACKOFF)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret
