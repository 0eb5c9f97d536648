"""The store: transactions that do not nest, and wakes once they are committed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot import __version__
from bot.adapters.storage.engine import (
    database_file,
    database_url,
    engine_apart,
    engine_for,
    is_server,
)
from bot.adapters.storage.migrating import migrate, needs_migration
from bot.adapters.storage.part import Wake
from bot.adapters.storage.transaction import Transaction
from bot.adapters.storage.trouble import troubles_told
from bot.adapters.storage.writing import writing
from bot.domain.errors import PermanentError
from bot.ports.store import Store
from bot.ports.waker import Waker

NOTHING_TO_READ: Final = (
    "DATABASE_URL names no database of this version yet; start `smokejumper serve` once."
)


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"DATABASE_URL: the folder of {file} can't be made: {error.strerror}."
        raise PermanentError(msg) from error


class SqlStore:
    def __init__(
        self,
        url: str,
        *,
        waker: Waker | None = None,
        program: str = __version__,
        process: str = "",
        looks: bool = False,
    ) -> None:
        """Prepare a store; nothing is opened yet.

        Args:
            url: As in DATABASE_URL, e.g. "sqlite:///data/smokejumper.db"; "sqlite://" is memory.
            waker: Told what became due; may be set later, and without one the sweep finds it.
            program: The version that wants to use the database.
            process: Who we are, where there are several: claims carry it, see `ProcessRows`.
            looks: Take the database as it is, beside the bot that made it.
        """
        self.url = database_url(url)
        self._engine = engine_for(self.url)
        self._writing = writing(self._engine)
        self._apart = engine_apart(self.url, self._engine)
        self._writing_apart = writing(self._apart)
        self._program = program
        self._process = process
        self._looks = looks
        self._within: set[asyncio.Task[object] | None] = set()
        self._one_writer = asyncio.Lock()
        self.waker = waker
        self.guard: Callable[[], None] | None = None
        """Called before each commit; it raises where others may have taken over what we hold."""

    @property
    def file(self) -> Path | None:
        """The SQLite file; None for memory or a server."""
        return database_file(self.url)

    @property
    def is_shared(self) -> bool:
        """Whether other processes may work on the same database."""
        return is_server(self.url)

    async def open(self) -> None:
        """Make the database what this program needs.

        Raises:
            PermanentError: It was changed by a newer program that this one can't work beside; or
                we only look, and there is nothing that we could read.
            TransientError: It can't be reached.
        """
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self.close)
            with troubles_told(self.url):
                await self._prepare()
            undo.pop_all()

    async def _prepare(self) -> None:
        if self.file and self._looks and not self.file.exists():
            raise PermanentError(NOTHING_TO_READ)
        if self.file:
            _make_folder(self.file)
        async with _connected(self._engine) as connection:
            if not await needs_migration(connection, program=self._program):
                return
        if self._looks:
            raise PermanentError(NOTHING_TO_READ)
        async with _connected(self._writing) as connection:
            await migrate(connection)

    async def close(self) -> None:
        await self._engine.dispose()
        await self._apart.dispose()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def begin(self, *, apart: bool = False) -> AsyncIterator[Transaction]:
        """Begin as the port says.

        Args:
            apart: On connections that handlers never hold, for who must be answered soon.
        """
        engine = self._writing_apart if apart else self._writing
        with self._alone_in_task(), troubles_told(self.url):
            async with self.turn_to_write(), _connected(engine) as connection:
                tx = Transaction(connection, writes=True, process=self._process)
                yield tx
                if self.guard:
                    self.guard()
        self.wake(tx.wakes)

    def wake(self, wakes: Iterable[Wake]) -> None:
        """Tell the waker of rows that are committed."""
        if self.waker is None:
            return
        for wake in wakes:
            self.waker.wake(wake.kind, wake.id, key=wake.key, at=wake.at)

    @asynccontextmanager
    async def read(self, *, apart: bool = False) -> AsyncIterator[Transaction]:
        engine = self._apart if apart else self._engine
        with self._alone_in_task(), troubles_told(self.url):
            async with self._turn_to_read(), _connected(engine) as connection:
                yield Transaction(connection, writes=False, process=self._process)

    def turn_to_write(self) -> AbstractAsyncContextManager[object]:
        """SQLite has one writer; it would let the others try, sleep and starve."""
        return nullcontext() if self.is_shared else self._one_writer

    def _turn_to_read(self) -> AbstractAsyncContextManager[object]:
        """In memory there is one connection for all."""
        return nullcontext() if self.file or self.is_shared else self._one_writer

    @contextmanager
    def _alone_in_task(self) -> Iterator[None]:
        task = asyncio.current_task()
        if task in self._within:
            msg = "a transaction is open in this task; hand its tx on instead of opening another"
            raise RuntimeError(msg)
        self._within.add(task)
        try:
            yield
        finally:
            self._within.remove(task)


@dataclass(frozen=True, slots=True)
class Apart:
    """A store for the beat and for who looks how we are: neither queues behind handlers."""

    store: SqlStore

    def begin(self) -> AbstractAsyncContextManager[Transaction]:
        return self.store.begin(apart=True)

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        return self.store.read(apart=True)


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a connection and a transaction in it: committed at the end, undone by an exception."""
    async with AsyncExitStack() as stack:
        try:
            connection = await _begun(engine, stack)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            # It broke while nobody used it; the pool forgets all that are as old.
            connection = await _begun(engine, stack)
        yield connection


async def _begun(engine: AsyncEngine, stack: AsyncExitStack) -> AsyncConnection:
    connection = await stack.enter_async_context(engine.connect())
    await stack.enter_async_context(connection.begin())
    return connection


def _promise(store: SqlStore | Apart) -> Store[Transaction]:
    return store
