"""Back a database up into one file while the bot runs, and restore it into an empty one."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bot.adapters.storage.alone import hold_alone
from bot.adapters.storage.copying import copy_rows, count_rows, is_empty, settle, take_time
from bot.adapters.storage.migrating import NEWEST, revision_of
from bot.adapters.storage.store import SqlStore
from bot.domain.errors import PermanentError

NOT_EMPTY: Final = (
    "The database at DATABASE_URL is not empty, and a restore would mix two pasts. "
    "Name a new one in DATABASE_URL."
)
NEWER: Final = "is of a newer Smokejumper than this one; use that."

Counts = Mapping[str, int]
"""Rows by table."""


async def back_up(url: str, file: Path) -> Counts:
    """Write all that is stored at one moment into a new SQLite *file*.

    Raises:
        PermanentError: The file exists or can't be written, or there is nothing to back up.
    """
    part = await asyncio.to_thread(_new_part, file)
    try:
        async with SqlStore(url, looks=True) as store:
            if store.file is not None:
                await asyncio.to_thread(_vacuum, store.file, part)
            else:
                await _copy_out(store, part)
        counts = await _counted(part)
        await asyncio.to_thread(_complete, part, file)
    finally:
        await asyncio.to_thread(part.unlink, missing_ok=True)
    return counts


def _new_part(file: Path) -> Path:
    """Return where to write until all is there: half a backup must not look like one."""
    if file.exists():
        msg = f"{file} exists already, and a backup overwrites nothing. Name a new file."
        raise PermanentError(msg)
    part = file.with_name(f"{file.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)  # it holds private repositories' names and people's words
    except OSError as error:
        msg = f"{part} can't be written: {error.strerror}."
        raise PermanentError(msg) from error
    return part


def _vacuum(database: Path, part: Path) -> None:
    """Copy a SQLite file as of one moment; writers go on meanwhile."""
    try:
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", [str(part)])
    except sqlite3.Error as error:
        msg = f"The backup can't be written: {error}."
        raise PermanentError(msg) from error


async def _copy_out(store: SqlStore, part: Path) -> None:
    backup = SqlStore(f"sqlite:///{part}")
    async with backup, store.read() as source, backup.begin() as target:
        if await revision_of(source.connection) != NEWEST:
            msg = f"The database {NEWER}"
            raise PermanentError(msg)
        await take_time(source.connection)
        await copy_rows(source.connection, target.connection)


async def _counted(part: Path) -> Counts:
    """Read the backup once more: what can't be read is none."""
    async with SqlStore(f"sqlite:///{part}", looks=True) as backup, backup.read() as tx:
        return await count_rows(tx.connection)


def _complete(part: Path, file: Path) -> None:
    with closing(sqlite3.connect(part, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # one file, and none beside it
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


async def restore(url: str, file: Path) -> Counts:
    """Fill the empty database at *url*, of either kind, with what *file* holds.

    Raises:
        PermanentError: The file is no backup, or the database is not empty or in use.
    """
    await asyncio.to_thread(_require_backup, file)
    with TemporaryDirectory() as folder, ExitStack() as alone:
        # A copy, since one of an older version is brought up to date first.
        copy = Path(folder) / "backup.db"
        await asyncio.to_thread(shutil.copyfile, file, copy)
        store, backup = SqlStore(url), SqlStore(f"sqlite:///{copy}")
        if store.file is not None:
            alone.enter_context(hold_alone(store.file))
        async with store, backup, backup.read() as source, store.begin() as target:
            await take_time(target.connection)
            if not await is_empty(target.connection):
                raise PermanentError(NOT_EMPTY)
            counts = await copy_rows(source.connection, target.connection)
            await settle(target.connection)
            return counts


def _require_backup(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as backup:
            (revision,) = backup.execute("SELECT version_num FROM alembic_version").fetchone()
    except (sqlite3.Error, TypeError) as error:
        msg = f"{file} is no backup of Smokejumper's: {error}."
        raise PermanentError(msg) from error
    if revision > NEWEST:
        msg = f"{file} {NEWER}"
        raise PermanentError(msg)
