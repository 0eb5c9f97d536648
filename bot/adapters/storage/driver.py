"""aiosqlite with one trip to its thread a statement, where SQLAlchemy's way takes four.

A trip costs more than most statements, so BEGIN goes along with what is asked first.
"""

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Self

import aiosqlite

Row = tuple[Any, ...]
Answer = tuple[sqlite3.Cursor, list[Row]]


class Cursor:
    """What SQLAlchemy's adapter asks of a cursor; it reads all rows anyhow, so they come along."""

    arraysize = 1

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rows: list[Row] = []
        self.description: Sequence[Any] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Self:
        if sql.startswith("BEGIN"):
            self._connection.begin = sql
            return self
        return self._keep(
            await self._connection.ask(lambda cursor: cursor.execute(sql, parameters))
        )

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> Self:
        return self._keep(
            await self._connection.ask(lambda cursor: cursor.executemany(sql, parameters))
        )

    def _keep(self, answer: Answer) -> Self:
        cursor, self._rows = answer
        self.description = cursor.description
        self.rowcount = cursor.rowcount
        self.lastrowid = cursor.lastrowid
        return self

    async def fetchall(self) -> list[Row]:
        return self._rows

    async def close(self) -> None:
        self._rows = []


class Connection(aiosqlite.Connection):
    begin = ""
    """The statement by which a transaction begins, once there is something to do in it."""

    def cursor(self) -> Cursor:  # type: ignore[override] # ours is all that SQLAlchemy asks for
        return Cursor(self)

    async def ask(self, question: Callable[[sqlite3.Cursor], object]) -> Answer:
        answer: Answer = await self._execute(self._ask, question)  # type: ignore[no-untyped-call]
        return answer

    def _ask(self, question: Callable[[sqlite3.Cursor], object]) -> Answer:
        cursor = self._conn.cursor()
        begin, self.begin = self.begin, ""
        if begin:
            cursor.execute(begin)
        question(cursor)
        rows = cursor.fetchall() if cursor.description else []
        cursor.close()
        return cursor, rows

    async def commit(self) -> None:
        if not self._began_nothing():
            await super().commit()

    async def rollback(self) -> None:
        if not self._began_nothing():
            await super().rollback()

    def _began_nothing(self) -> bool:
        begin, self.begin = self.begin, ""
        return bool(begin)


async def connect(database: str, **options: Any) -> aiosqlite.Connection:  # noqa: ANN401 - sqlite3's
    connection = Connection(partial(sqlite3.connect, database, **options), iter_chunk_size=64)
    # As SQLAlchemy does: a process that ends without closing must end.
    connection._thread.daemon = True  # noqa: SLF001 - aiosqlite has no other way to say it
    return await connection
