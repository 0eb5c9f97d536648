"""Deliveries into a SQLite file: a whole batch in one trip to a thread of its own.

SQLAlchemy's way costs more than all else at the door. It stays for what this way leaves: ids that
are known, and other databases.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Final

from zstandard import BufferSegment, ZstdCompressor

from bot.adapters.storage.part import Wake
from bot.adapters.storage.sqlite import PRAGMAS
from bot.adapters.storage.tables import DELIVERY, DUE
from bot.domain.events import Delivery

Row = tuple[Any, ...]

DELIVERY_COLUMNS: Final = ("id", "event", "repo", "received_at", "body", "done_at", "outcome")
DUE_COLUMNS: Final = ("kind", "id", "key", "due_at", "tries")
# The statement for each number of rows is prepared once. One statement a row would pass the
# interpreter's lock to and fro for each, beside an event loop that needs it just as much.
ROWS_A_STATEMENT: Final = 64
STATEMENTS: Final = 2 * ROWS_A_STATEMENT + 8


class FileIntake:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="intake")
        self._connection: sqlite3.Connection | None = None
        self._compressor = ZstdCompressor(level=1)

    async def store(self, deliveries: Sequence[Delivery], wakes: Sequence[Wake]) -> bool:
        """Commit deliveries and what is due; False, and nothing stored, where an id is known.

        Raises:
            sqlite3.Error: The database can't write.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._store, deliveries, wakes)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    def _store(self, deliveries: Sequence[Delivery], wakes: Sequence[Wake]) -> bool:
        cursor = self._opened().cursor()
        # All bodies in one call, for the same reason.
        packed = self._compressor.multi_compress_to_buffer([each.body for each in deliveries])
        rows = [_row(each, packed[place]) for place, each in enumerate(deliveries)]
        cursor.execute("BEGIN IMMEDIATE")
        try:
            _insert(cursor, DELIVERY.name, DELIVERY_COLUMNS, rows)
            _insert(cursor, DUE.name, DUE_COLUMNS, [_due(wake) for wake in wakes])
            cursor.execute("COMMIT")
        except sqlite3.IntegrityError:
            cursor.execute("ROLLBACK")
            return False
        except BaseException:
            self._close()  # which undoes the transaction, whatever state it is in
            raise
        return True

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(
                self._file, isolation_level=None, cached_statements=STATEMENTS
            )
            for pragma in PRAGMAS:
                self._connection.execute(pragma)
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _row(delivery: Delivery, body: BufferSegment) -> Row:
    at = _moment(delivery.received_at)
    done_at = at if delivery.settled else None
    return delivery.id, delivery.event, delivery.repo, at, body, done_at, delivery.settled


def _due(wake: Wake) -> Row:
    return wake.kind.value, wake.id, wake.key, _moment(wake.at), 0


def _moment(at: datetime) -> str:
    """As the column type writes it."""
    utc = at.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(sep=" ", timespec="microseconds")


def _insert(
    cursor: sqlite3.Cursor, table: str, columns: Sequence[str], rows: Sequence[Row]
) -> None:
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        some = rows[start : start + ROWS_A_STATEMENT]
        statement = _statement(table, tuple(columns), len(some))
        cursor.execute(statement, tuple(chain.from_iterable(some)))


@cache
def _statement(table: str, columns: tuple[str, ...], rows: int) -> str:
    row = f"({', '.join('?' for _ in columns)})"
    names = ", ".join(columns)
    return f"INSERT INTO {table} ({names}) VALUES {', '.join([row] * rows)}"  # noqa: S608 - our own names
