"""Deliveries in: durable before they are answered, many in one commit."""

import asyncio
import math
import sqlite3
from collections import deque
from collections.abc import Collection
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.storage.deliveries import wake_for
from bot.adapters.storage.intake_file import FileIntake
from bot.adapters.storage.store import SqlStore
from bot.domain.errors import SmokejumperError, TransientError
from bot.domain.events import Delivery
from bot.domain.ids import DeliveryId

log = structlog.get_logger()

MOST_ROWS: Final = 512  # a commit; more would make the first wait for the last
MOST_WAITING: Final = 8_192  # two seconds of work
MOST_WAITING_BYTES: Final = 128_000_000
COME_BACK: Final = timedelta(seconds=5)
COUNTED_SECONDS: Final = 0.1
POURING: Final = 50  # deliveries in that time; no builds of ours tell of so much for long

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
        self._counted_from = -math.inf
        self._counted = 0
        self._poured = False
        self._file = FileIntake(store.file) if store.file else None

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
        try:
            await self._writing
        finally:
            if self._file:
                await self._file.close()

    def pouring(self) -> bool:
        """Whether so many come that other work had better wait a little."""
        old = asyncio.get_running_loop().time() - self._counted_from > 2 * COUNTED_SECONDS
        return not old and (self._poured or self._counted >= POURING)

    def _count(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._counted_from > COUNTED_SECONDS:
            self._poured = self._counted >= POURING
            self._counted_from, self._counted = now, 0
        self._counted += 1

    async def store(self, delivery: Delivery) -> bool:
        """Return once *delivery* is on the disk and due; False where it was known.

        One that is known and was never processed becomes due again.

        Raises:
            TransientError: Too many wait, we are stopping, or the database can't write.
        """
        self._count()
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
                    await self._commit()
                else:
                    self._changed.clear()
                    await self._changed.wait()
        finally:
            self._fail(self._waiting, "the bot is stopping")

    async def _commit(self) -> None:
        """Commit what waits once it is our turn, and tell its senders."""
        batch: list[Waiting] = []
        try:
            new = await self._stored(batch)
        except (SmokejumperError, SQLAlchemyError, sqlite3.Error, OSError) as error:
            self._refuse(batch or self._next(), f"the database can't write: {error}")
            return
        except Exception:  # all deliveries pass here: a fault of ours must not stop the next
            log.exception("intake_broke")
            self._refuse(batch or self._next(), "a fault of ours")
            return
        except BaseException:
            self._fail(batch, "the bot is stopping")
            raise
        for delivery, stored in batch:
            if not stored.done():  # a caller that was cancelled meanwhile
                stored.set_result(delivery.id in new)
                new.discard(delivery.id)

    async def _stored(self, batch: list[Waiting]) -> set[DeliveryId]:
        """Fill *batch* with what waits and commit it; return what was not known."""
        if self._file:
            async with self._store.turn_to_write():
                batch += self._next()
                deliveries = [delivery for delivery, _ in batch]
                wakes = [wake_for(each) for each in deliveries if not each.settled]
                all_new = await self._file.store(deliveries, wakes)
            if all_new:
                self._store.wake(wakes)
                return {delivery.id for delivery in deliveries}
        async with self._store.begin(apart=True) as tx:
            batch += self._next() if not batch else ()
            return await tx.take_in([delivery for delivery, _ in batch])

    def _next(self) -> list[Waiting]:
        batch: list[Waiting] = []
        while self._waiting and len(batch) < MOST_ROWS:
            delivery, stored = self._waiting.popleft()
            self._bytes -= len(delivery.body)
            batch.append((delivery, stored))
        return batch

    def _refuse(self, batch: Collection[Waiting], why: str) -> None:
        log.error("deliveries_refused", why=why, number=len(batch))
        self._fail(batch, why)

    @staticmethod
    def _fail(waiting: Collection[Waiting], why: str) -> None:
        for _, stored in waiting:
            if not stored.done():
                stored.set_exception(TransientError(why, after=COME_BACK))
