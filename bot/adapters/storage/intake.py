"""Deliveries in: durable before they are answered, many in one commit."""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.storage.store import SqlStore
from bot.domain.errors import TransientError
from bot.domain.events import Delivery

MOST_ROWS: Final = 512  # a commit; more would make the first wait for the last
MOST_WAITING: Final = 8_192  # two seconds of work
MOST_WAITING_BYTES: Final = 128_000_000
COME_BACK: Final = timedelta(seconds=5)

Waiting = tuple[Delivery, asyncio.Future[bool]]


class GroupCommit:
    """Stores deliveries; callers who come while a commit is written share the next."""

    def __init__(
        self, store: SqlStore, *, most: int = MOST_WAITING, most_bytes: int = MOST_WAITING_BYTES
    ) -> None:
        self._store = store
        self._most = most
        self._most_bytes = most_bytes
        self._waiting: deque[Waiting] = deque()
        self._bytes = 0
        self._changed = asyncio.Event()
        self._closing = False

    async def __aenter__(self) -> Self:
        self._writing = asyncio.create_task(self._write())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take no more, store what waits."""
        self._closing = True
        self._changed.set()
        await self._writing

    async def store(self, delivery: Delivery) -> bool:
        """Return once *delivery* is on the disk and due; False where it was known.

        One that is known and was never processed becomes due again.

        Raises:
            TransientError: Too many wait, we are stopping, or the database can't write.
        """
        full = len(self._waiting) >= self._most or self._bytes >= self._most_bytes
        if full or self._closing or self._writing.done():
            msg = "too many deliveries wait" if full else "the bot is stopping"
            raise TransientError(msg, after=COME_BACK)
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((delivery, stored))
        self._bytes += len(delivery.body)
        self._changed.set()
        return await stored

    async def _write(self) -> None:
        try:
            while self._waiting or not self._closing:
                if self._waiting:
                    await self._commit(self._next())
                else:
                    self._changed.clear()
                    await self._changed.wait()
        finally:
            self._fail(self._waiting, "the bot is stopping")

    def _next(self) -> list[Waiting]:
        batch: list[Waiting] = []
        while self._waiting and len(batch) < MOST_ROWS:
            delivery, stored = self._waiting.popleft()
            self._bytes -= len(delivery.body)
            batch.append((delivery, stored))
        return batch

    async def _commit(self, batch: Sequence[Waiting]) -> None:
        try:
            async with self._store.begin() as tx:
                new = await tx.take_in([delivery for delivery, _ in batch])
        except (SQLAlchemyError, OSError) as error:
            self._fail(batch, f"the database can't write: {error}")
            return
        except BaseException:
            self._fail(batch, "the bot is stopping")
            raise
        for delivery, stored in batch:
            if not stored.done():  # a caller that was cancelled meanwhile
                stored.set_result(delivery.id in new)
                new.discard(delivery.id)

    @staticmethod
    def _fail(waiting: Sequence[Waiting], why: str) -> None:
        for _, stored in waiting:
            if not stored.done():
                stored.set_exception(TransientError(why, after=COME_BACK))
