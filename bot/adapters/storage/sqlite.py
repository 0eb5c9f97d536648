"""SQLite: one writer at a time, and on the disk before a commit returns."""

from typing import Any, Final

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.adapters.storage.driver import connect
from bot.adapters.storage.writing import writes

BUSY_MS: Final = 10_000  # another process, such as a backup, may hold the file that long
# Each is a thread; more than these would be opened and closed again for every burst of reads.
CONNECTIONS: Final = 12
PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {BUSY_MS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # what was answered with 202 survives a power cut
    "PRAGMA foreign_keys = ON",
)


def engine(url: URL) -> AsyncEngine:
    # The driver would begin by itself, late and without IMMEDIATE; see _begin.
    in_memory = url.database in (None, "", ":memory:")
    made = create_async_engine(
        url,
        connect_args={"isolation_level": None, "async_creator_fn": connect},
        **({} if in_memory else {"pool_size": CONNECTIONS, "max_overflow": 0}),
        hide_parameters=True,  # an error must not repeat what a person sent
    )
    event.listen(made.sync_engine, "connect", _prepare)
    event.listen(made.sync_engine, "begin", _begin)
    return made


def _prepare(connection: DBAPIConnection, _record: Any) -> None:  # noqa: ANN401 - not ours
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    """Take the write lock at once: a reader that turns writer is refused, however long it waits."""
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes(connection) else "BEGIN")
