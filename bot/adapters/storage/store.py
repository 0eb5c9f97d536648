"""The store: transactions that do not nest, and wakes once they are committed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from pathlib import Path
from types import TracebackType
from typing import Self

from bot import __version__
from bot.adapters.storage.engine import WRITES, database_file, database_url, engine_for
from bot.adapters.storage.migrating import migrate, needs_migration
from bot.adapters.storage.transaction import Transaction
from bot.domain.errors import PermanentError
from bot.ports.store import Store
from bot.ports.waker import Waker


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"DATABASE_URL: the folder of {file} can't be made: {error.strerror}."
        raise PermanentError(msg) from error


class SqlStore:
    def __init__(self, url: str, *, waker: Waker | None = None, program: str = __version__) -> None:
        """Prepare a store; nothing is opened yet.

        Args:
            url: As in DATABASE_URL, e.g. "sqlite:///data/smokejumper.db"; "sqlite://" is memory.
            waker: Told what became due; may be set later, and without one the sweep finds it.
            program: The version that wants to use the database.
        """
        self._url = database_url(url)
        self._engine = engine_for(self._url)
        self._writing = self._engine.execution_options(**{WRITES: True})
        self._program = program
        self._within: set[asyncio.Task[object] | None] = set()
        # Writers queue here in order; SQLite itself would let them try, sleep and starve.
        self._one_writer = asyncio.Lock()
        self.waker = waker

    @property
    def file(self) -> Path | None:
        """The SQLite file; None for memory or a server."""
        return database_file(self._url)

    async def open(self) -> None:
        """Make the database what this program needs.

        Raises:
            PermanentError: It was changed by a newer program that this one can't work beside.
        """
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self.close)
            await self._prepare()
            undo.pop_all()

    async def _prepare(self) -> None:
        if self.file:
            _make_folder(self.file)
        async with self._engine.connect() as connection, connection.begin():
            if not await needs_migration(connection, program=self._program):
                return
        async with self._writing.begin() as connection:
            await migrate(connection)

    async def close(self) -> None:
        await self._engine.dispose()

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
    async def begin(self) -> AsyncIterator[Transaction]:
        with self._alone_in_task():
            async with self._one_writer, self._writing.begin() as connection:
                tx = Transaction(connection, writes=True)
                yield tx
        if self.waker:
            for wake in tx.wakes:
                self.waker.wake(wake.kind, wake.id, key=wake.key, at=wake.at)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        with self._alone_in_task():
            async with self._turn(), self._engine.connect() as connection, connection.begin():
                yield Transaction(connection, writes=False)

    def _turn(self) -> AbstractAsyncContextManager[object]:
        """In memory there is one connection for all."""
        return nullcontext() if self.file else self._one_writer

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


def _promise(store: SqlStore) -> Store[Transaction]:
    return store
