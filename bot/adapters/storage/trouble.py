"""Tell the database's troubles, which pass or which the operator mends, from bugs of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.domain.errors import OperatorError, TransientError

# Of SQLite's result codes, by their names: all others speak of the statement.
BUSY: Final = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_INTERRUPT", "SQLITE_PROTOCOL")
BROKEN: Final = (
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_CANTOPEN",
    "SQLITE_READONLY",
    "SQLITE_NOMEM",
    "SQLITE_CORRUPT",
    "SQLITE_NOTADB",
    "SQLITE_PERM",
)
# Of PostgreSQL's SQLSTATE codes, by their first letters.
PASSES: Final = (
    "08",  # the connection
    "25006",  # read-only: a standby that is about to take over
    "25P03",  # we were suspended in the middle of a transaction
    "40",  # a deadlock was broken up, or others changed the same rows
    "55",  # a lock was not to be had in time
    "57",  # it shuts down, starts, or somebody cancelled us
)
FOR_THE_OPERATOR: Final = (
    "28",  # the password was refused
    "3D",  # no such database
    "42501",  # a right is missing
    "53",  # the disk is full, or there are too many connections
    "58",  # its system fails it
    "XX",  # corrupted
)


@contextmanager
def troubles_told(url: URL) -> Iterator[None]:
    """Raise the database's own troubles as errors that are tried again.

    Raises:
        OperatorError: The disk is full, the password refused, the file broken.
        TransientError: The connection was lost, the server restarts, others hold what we need.
    """
    try:
        yield
    except (PoolTimeoutError, PendingRollbackError) as error:
        msg = "The database can't be reached: all connections to it are in use or broken."
        raise TransientError(msg) from error
    except DBAPIError as error:
        kind = None if isinstance(error, IntegrityError) else _kind(error)
        if kind is None:
            raise
        msg = f"The database can't be used: {_words(error, url)}"
        raise kind(msg) from error


def _kind(error: DBAPIError) -> type[TransientError] | None:
    """Return whose it is to mend; None where it is ours."""
    cause = error.orig
    told = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    if told is None:
        # A driver that gives no code never reached the server, or lost it.
        lost = error.connection_invalidated or type(cause).__name__ in (
            "OperationalError",
            "InterfaceError",
            "ConnectionTimeout",
        )
        return TransientError if lost else None
    if told.startswith(BROKEN + FOR_THE_OPERATOR):
        return OperatorError
    if error.connection_invalidated or told.startswith(BUSY + PASSES):
        return TransientError
    return None


def _words(error: DBAPIError, url: URL) -> str:
    first = str(error.orig).partition("\n")[0].strip()
    return first.replace(url.password, "***") if url.password else first
