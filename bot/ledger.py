"""Claims and outcomes of many rows in one commit: who comes while one is written shares the next.

Alone, a claim and an outcome cost two commits a row, which at a busy time is more than the work.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from bot.domain.errors import TransientError
from bot.ports.rows import DueRows
from bot.ports.store import Store

T = TypeVar("T")
Record = Callable[[DueRows], Awaitable[T]]

MOST_RECORDS: Final = 64  # a commit; the first must not wait long for the last


@dataclass(eq=False, slots=True)
class _Waiting:
    record: Record[Any]
    result: "asyncio.Future[Any]"


class Ledger:
    def __init__(self, store: Store[DueRows], *, shared: bool = True) -> None:
        """Prepare a ledger.

        Args:
            store: Where due rows are.
            shared: Whether one commit may hold several records. Not where other processes write
                the same rows: two that hold several could wait for each other.
        """
        self._store = store
        self._shared = shared
        self._waiting: deque[_Waiting] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def write(self, record: Record[T]) -> T:
        """Return what *record* returns, once it is committed.

        Raises:
            TransientError: The database is away; nothing was written.
        """
        if not self._shared:
            async with self._store.begin() as tx:
                return await record(tx)
        result: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(record, result))
        if self._writing is None or self._writing.done():
            # A task of its own: a caller that is cancelled must not take the others with it.
            self._writing = asyncio.create_task(self._write())
        return await result

    async def close(self) -> None:
        """Wait until what was begun is written."""
        if self._writing is not None:
            await asyncio.wait([self._writing])

    async def _write(self) -> None:
        while self._waiting:
            number = min(len(self._waiting), MOST_RECORDS)
            batch = [self._waiting.popleft() for _ in range(number)]
            await self._commit([waiting for waiting in batch if not waiting.result.done()])

    async def _commit(self, batch: list[_Waiting]) -> None:
        try:
            async with self._store.begin() as tx:
                results = [await waiting.record(tx) for waiting in batch]
        except asyncio.CancelledError:
            for waiting in batch:
                waiting.result.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - whoever asked for it gets it
            await self._failed(batch, error)
            return
        for waiting, result in zip(batch, results, strict=True):
            if not waiting.result.done():  # a caller that was cancelled meanwhile
                waiting.result.set_result(result)

    async def _failed(self, batch: list[_Waiting], error: Exception) -> None:
        """Let one that can't be written not fail the others."""
        if len(batch) > 1 and not isinstance(error, TransientError):
            for waiting in batch:
                await self._commit([waiting])
            return
        for waiting in batch:
            if not waiting.result.done():
                waiting.result.set_exception(error)
