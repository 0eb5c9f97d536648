"""Bring a database up to date when it is opened, or say why this program may not use it."""

import re
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.storage.tables import PROGRAM
from bot.domain.errors import PermanentError

NEWEST: Final = "0003"
MIGRATIONS: Final = Path(__file__).with_name("migrations")
ONE_MIGRATES: Final = 0x736D_6F6B_656A  # any number, as long as all of us take the same


async def needs_migration(connection: AsyncConnection, *, program: str) -> bool:
    """Whether the database lacks something that this program wants.

    Raises:
        PermanentError: *program* is older than what the database allows.
    """
    revision = await revision_of(connection)
    if revision is None:
        return True
    oldest = (await connection.execute(select(PROGRAM.c.oldest))).scalar_one()
    if _order(program) < _order(oldest):
        msg = (
            f"This database needs Smokejumper {oldest} or newer, and this is {program}. "
            f"Start the newer program, or restore a backup from before the upgrade."
        )
        raise PermanentError(msg)
    return revision < NEWEST


async def migrate(connection: AsyncConnection) -> None:
    """Apply what is missing, in the transaction that is open.

    Migrations expand first and contract a release later, so that a program and the one before
    it can work side by side; one that contracts raises the oldest version allowed. If another
    process was faster, nothing is missing any more.
    """
    if connection.dialect.name == "postgresql":
        # Elsewhere whoever writes is alone. A long migration is waited for.
        await connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_MIGRATES})")
        await connection.exec_driver_sql("SET LOCAL lock_timeout = '1min'")
    await connection.run_sync(upgrade)


async def revision_of(connection: AsyncConnection) -> str | None:
    """Return how far the database is; None where it is empty."""
    return await connection.run_sync(_revision)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def upgrade(connection: Connection, *, to: str = "head") -> None:
    # Imported when needed: most starts find nothing to do, and this takes 0.1 s.
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, to)
