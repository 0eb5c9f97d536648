"""How to talk to the database: SQLite by default."""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.adapters.storage.driver import connect
from bot.domain.errors import PermanentError

BUSY_MS: Final = 10_000  # another process, such as a backup, may hold the file that long
PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {BUSY_MS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # what was answered with 202 survives a power cut
    "PRAGMA foreign_keys = ON",
)
WRITES: Final = "smokejumper_writes"  # execution option of connections that begin() uses


def database_file(url: URL) -> Path | None:
    """Return the SQLite file that *url* names; None for memory or a server."""
    in_memory = url.database in (None, "", ":memory:")
    if url.get_backend_name() != "sqlite" or in_memory:
        return None
    return Path(str(url.database))


NO_DATABASE: Final = (
    'DATABASE_URL is no address of a database; write "sqlite:///data/smokejumper.db".'
)


def database_url(text: str) -> URL:
    """Return the address with the driver that we speak through.

    Raises:
        PermanentError: It is no address of a database that we know. Its text is not repeated,
            since a password may stand in it.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise PermanentError(NO_DATABASE) from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise PermanentError(NO_DATABASE)
    return url.set(drivername="sqlite+aiosqlite") if url.drivername == "sqlite" else url


def engine_for(url: URL) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url)
    # The driver would begin by itself, late and without IMMEDIATE; see _begin.
    engine = create_async_engine(
        url, connect_args={"isolation_level": None, "async_creator_fn": connect}
    )
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: DBAPIConnection, _record: Any) -> None:  # noqa: ANN401 - not ours
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    """Take the write lock at once: a reader that turns writer is refused, however long it waits."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
