"""How to talk to the database: SQLite by default, PostgreSQL for several processes."""

from pathlib import Path
from typing import Final

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.adapters.storage import sqlite
from bot.domain.errors import PermanentError

NO_DATABASE: Final = (
    'DATABASE_URL is no address of a database; write "sqlite:///data/smokejumper.db" '
    'or "postgresql://user:password@host/name".'
)
DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",  # as some hosters write it
    "postgresql": "postgresql+psycopg",
}


def database_file(url: URL) -> Path | None:
    """Return the SQLite file that *url* names; None for memory or a server."""
    in_memory = url.database in (None, "", ":memory:")
    if is_server(url) or in_memory:
        return None
    return Path(str(url.database))


def is_server(url: URL) -> bool:
    """Whether several processes may work on the database at once."""
    return url.get_backend_name() != "sqlite"


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
    driver = DRIVERS.get(url.drivername.partition("+")[0])
    if driver is None:
        raise PermanentError(NO_DATABASE)
    return url.set(drivername=driver)


def engine_for(url: URL) -> AsyncEngine:
    if not is_server(url):
        return sqlite.engine(url)
    from bot.adapters.storage import postgresql  # noqa: PLC0415 - most run without its driver

    return postgresql.engine(url)


def engine_apart(url: URL, shared: AsyncEngine) -> AsyncEngine:
    """Return connections for those who must not queue behind handlers.

    On SQLite these are the *shared* ones: writers take turns, and none of them waits inside.
    """
    if not is_server(url):
        return shared
    from bot.adapters.storage import postgresql  # noqa: PLC0415 - most run without its driver

    return postgresql.apart(url)
