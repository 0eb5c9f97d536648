"""Whether a connection is used to write, which each database begins in its own way."""

from typing import Final

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

_WRITES: Final = "smokejumper_writes"


def writing(engine: AsyncEngine) -> AsyncEngine:
    """Return the same engine, whose transactions may write."""
    return engine.execution_options(**{_WRITES: True})


def writes(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get(_WRITES, False))
