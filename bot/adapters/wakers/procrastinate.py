"""The waker of several processes: procrastinate's queue on PostgreSQL.

A job says no more than "look at that row". Its lock is the row's key, so one runs at a time per
key over all processes; its queueing lock is the row, so equal waiting wakes are one. Jobs are
worth nothing by themselves: they are deleted when done, lost when the database is away, and
brought back by the sweep. Later wakes wait in memory, for a job with a time and a lock would
block its key until then.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.job_context import JobContext
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from bot.adapters.wakers.embedded import PARALLEL
from bot.adapters.wakers.gravedigger import BEATS, SILENT_FOR, Gravedigger
from bot.adapters.wakers.jobs import TASK, Jobs
from bot.adapters.wakers.pump import AWAY, Pump
from bot.domain.work import DueKind, Queue
from bot.ports.clock import Clock
from bot.ports.waker import EVERY_QUEUE, Handle, Waker

log = structlog.get_logger()

# Notifications wake us at once; but one that arrives while a job is being fetched is forgotten by
# procrastinate's worker, so the next look must not be far.
LOOK_EVERY: Final = timedelta(milliseconds=200)
START_AGAIN: Final = timedelta(seconds=1)
END_WITHIN: Final = timedelta(seconds=2)  # what was cancelled, its job's end recorded
CONNECTIONS: Final = 8  # beside one a queue that listens
ASK_WITHIN: Final = 5.0  # seconds, for a connection

KINDS: Final = frozenset(kind.value for kind in DueKind)

CONNECTION: Final[Mapping[str, Any]] = {
    "application_name": "smokejumper waker",
    "connect_timeout": 5,
    "keepalives_idle": 5,  # a server that vanished is noticed within 20 s
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


async def _prepare(connection: AsyncConnection[Any]) -> None:
    await connection.set_autocommit(True)
    # Jobs are worth nothing by themselves: their commits need not wait for the disk.
    await connection.execute("SET synchronous_commit TO off")


@dataclass(eq=False, slots=True)
class _Line:
    """A queue that is being served."""

    handle: Handle
    broken: "asyncio.Future[None]"
    handlers: set["asyncio.Task[Any]"] = field(default_factory=set)


class ProcrastinateWaker:
    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        parallel: Mapping[Queue, int] = PARALLEL,
        silent_for: timedelta = SILENT_FOR,
    ) -> None:
        """Prepare a waker; enter it once the database has its tables.

        Args:
            url: As in DATABASE_URL, "postgresql://...".
            clock: Tells when a later wish has come due.
            parallel: How many handlers of a queue run at once in this process.
            silent_for: Who is not heard of for so long is dead, and its keys are freed.
        """
        scheme, _, rest = url.partition("://")
        self._pool = AsyncConnectionPool(
            f"{scheme.partition('+')[0]}://{rest}",
            kwargs=dict(CONNECTION),
            configure=_prepare,
            min_size=1,
            max_size=CONNECTIONS,
            timeout=ASK_WITHIN,
            # Then whoever asks next starts anew; else the pool's pauses would grow to minutes.
            reconnect_timeout=ASK_WITHIN,
            open=False,
        )
        self._app = App(connector=PsycopgConnector(configure=_prepare))
        self._app.task(name=TASK, pass_context=True)(self._do)
        self._parallel = parallel
        jobs = Jobs(self._app, self._pool)
        self._pump = Pump(jobs.defer, clock)
        self._silent_for = silent_for
        self._gravedigger = Gravedigger(jobs, silent_for=silent_for)
        self._lines: dict[str, _Line] = {}

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._pool)
            await self._app.open_async(self._pool)
            digging = asyncio.create_task(self._gravedigger.run())
            stack.push_async_callback(_end, digging)
            pumping = asyncio.create_task(self._pump.run())
            stack.push_async_callback(_ended, pumping)
            stack.callback(self._pump.close)
            self._background: tuple[asyncio.Task[Any], ...] = digging, pumping
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    @property
    def connected(self) -> bool:
        """Whether the queue was reached lately."""
        return self._gravedigger.connected

    def wake(self, kind: DueKind, id: str, *, key: str, at: datetime | None = None) -> None:
        self._pump.put((kind, id), key, at)

    async def run(self, handle: Handle, queues: frozenset[Queue] = EVERY_QUEUE) -> None:
        stopping = asyncio.Event()
        serving = asyncio.create_task(self._serve(handle, queues, stopping))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            stopping.set()
            await serving  # a second cancellation reaches what still runs
            raise

    async def _serve(
        self, handle: Handle, queues: frozenset[Queue], stopping: asyncio.Event
    ) -> None:
        async with asyncio.TaskGroup() as group:
            for queue in queues:
                group.create_task(self._serve_queue(queue, handle, stopping))
            told = group.create_task(stopping.wait())
            # What runs in the background ends before us only by a mistake, which must be heard of.
            tasks: list[asyncio.Task[Any]] = [told, *self._background]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()

    async def _serve_queue(self, queue: Queue, handle: Handle, stopping: asyncio.Event) -> None:
        """Run procrastinate's worker, again and again: it ends when the database is lost."""
        line = _Line(handle, asyncio.get_running_loop().create_future())
        self._lines[queue.value] = line
        while not stopping.is_set():
            await self._work(queue, line, stopping)
            with suppress(TimeoutError):
                async with asyncio.timeout(START_AGAIN.total_seconds()):
                    await stopping.wait()

    async def _work(self, queue: Queue, line: _Line, stopping: asyncio.Event) -> None:
        """Work until told to stop, until a handler breaks, or until the worker ends by itself."""
        working = asyncio.create_task(self._worker(queue))
        told = asyncio.create_task(stopping.wait())
        events: list[asyncio.Future[Any]] = [working, told, line.broken]
        try:
            await asyncio.wait(events, return_when=asyncio.FIRST_COMPLETED)
            working.cancel()  # take no more, let what runs finish
            await asyncio.wait([working])
        except asyncio.CancelledError:
            if not working.cancelling():
                working.cancel()
            for task in line.handlers:
                task.cancel()
            await asyncio.wait([working], timeout=END_WITHIN.total_seconds())
            raise
        finally:
            await _end(told)
            await _end(working)
        if line.broken.done():
            line.broken.result()

    async def _worker(self, queue: Queue) -> None:
        try:
            await self._app.run_worker_async(
                queues=[queue.value],
                name=queue.value,
                concurrency=self._parallel[queue],
                fetch_job_polling_interval=LOOK_EVERY.total_seconds(),
                delete_jobs="always",
                install_signal_handlers=False,
                update_heartbeat_interval=self._silent_for.total_seconds() / BEATS,
                stalled_worker_timeout=self._silent_for.total_seconds(),
            )
        except (ConnectorException, *AWAY) as error:
            log.debug("queue_away", queue=queue, why=str(error.__cause__ or error))

    async def _do(self, context: JobContext, kind: str, id: str) -> None:
        """Run a job, in procrastinate's task for it."""
        job, line = context.job, self._lines[context.job.queue]
        if kind not in KINDS:
            return  # a newer program's: its own sweep finds the row
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for the type; a coroutine runs in one
        line.handlers.add(task)
        task.add_done_callback(_heard)
        try:
            with self._gravedigger.alive(job):
                await line.handle(DueKind(kind), id)
        except Exception as error:
            if not line.broken.done():
                line.broken.set_exception(error)
            raise
        finally:
            line.handlers.discard(task)


def _heard(task: "asyncio.Task[Any]") -> None:
    """Hear of a job whose end can't be recorded, or else asyncio complains of what nobody heard.

    The database was away, or we were thought dead and the job was buried; the rows know better.
    """
    if not task.cancelled() and (error := task.exception()):
        log.debug("job_not_recorded", why=str(error.__cause__ or error))


async def _end(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    await _ended(task)


async def _ended(task: "asyncio.Task[Any]") -> None:
    await asyncio.wait([task])


def _promise(waker: ProcrastinateWaker) -> Waker:
    return waker
