"""The schema: built by migrations, equal to the tables, searched and not scanned."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from bot import __version__
from bot.adapters.storage.alone import hold_alone
from bot.adapters.storage.engine import database_url, engine_for
from bot.adapters.storage.migrating import MIGRATIONS, NEWEST
from bot.adapters.storage.store import SqlStore
from bot.adapters.storage.tables import METADATA
from bot.domain.errors import PermanentError
from tests.contract.made import REPOSITORY


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "smokejumper.db"


async def test_migrations_build_what_the_tables_say(file: Path) -> None:
    async with _at(file):
        pass
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


async def test_partial_indexes_say_the_same_in_both(file: Path) -> None:
    """Alembic does not compare the condition of an index."""
    async with _at(file):
        pass
    built = sqlite3.connect(":memory:")
    engine = create_engine("sqlite://", creator=lambda: built)
    METADATA.create_all(engine)
    wanted = _indexes(built)
    engine.dispose()
    migrated = sqlite3.connect(file)
    assert _indexes(migrated) == wanted
    migrated.close()
    assert any("WHERE" in sql for sql in wanted.values())


def _indexes(connection: sqlite3.Connection) -> dict[str, str]:
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index'")
    return {name: sql for name, sql in rows if sql}


def test_postgresql_has_the_same_tables_and_indexes(postgres: str, bare_postgres: str) -> None:
    migrated, made = (
        create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        for url in (postgres, bare_postgres)
    )
    METADATA.create_all(made)
    with migrated.connect() as connection:
        options = {"compare_type": True, "include_name": _ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []
        indexes = _server_indexes(connection)
    with made.connect() as connection:
        assert indexes == _server_indexes(connection)
    migrated.dispose()
    made.dispose()


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    """Tell our tables from those that carry the wakes."""
    return kind != "table" or not str(name).startswith("procrastinate")


def _server_indexes(connection: Connection) -> set[str]:
    asked = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    ours = {*METADATA.tables}
    return {sql for table, sql in connection.execute(text(asked)) if table in ours}


def test_the_newest_revision_is_the_one_we_ask_for() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == NEWEST


async def test_opening_again_keeps_what_is_there(file: Path) -> None:
    async with _at(file) as store, store.begin() as tx:
        await tx.save_repository(REPOSITORY)
    async with _at(file) as store, store.read() as tx:
        assert await tx.repository(REPOSITORY.id) == REPOSITORY


async def test_an_older_program_is_refused_with_a_reason(file: Path) -> None:
    async with _at(file):
        pass
    _change(file, "UPDATE program SET oldest = '0.10.0'")
    with pytest.raises(PermanentError, match=r"needs Smokejumper 0\.10\.0 or newer.* is 0\.9\.3"):
        await _at(file, program="0.9.3").open()
    async with _at(file, program="0.10.0"):
        pass
    async with _at(file, program="1.0.0"):
        pass


async def test_a_newer_schema_that_only_grew_is_used_as_it_is(file: Path) -> None:
    """During an upgrade the old program works on beside the new one."""
    async with _at(file):
        pass
    _change(file, "UPDATE alembic_version SET version_num = '9999'")
    _change(file, "ALTER TABLE repository ADD COLUMN stars INTEGER")
    async with _at(file) as store, store.begin() as tx:
        await tx.save_repository(REPOSITORY)
        assert await tx.repository(REPOSITORY.id) == REPOSITORY


async def test_a_commit_survives_a_power_cut(file: Path) -> None:
    """WAL alone would lose the last commits; synchronous = FULL (2) writes each to the disk."""
    async with _at(file):
        pass
    engine = engine_for(database_url(f"sqlite:///{file}"))
    async with engine.connect() as connection:
        settings = [
            (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    await engine.dispose()
    assert settings == ["wal", 2, 1]


async def test_others_read_while_somebody_writes(file: Path) -> None:
    async with _at(file) as store, store.begin() as tx:
        await tx.save_repository(REPOSITORY)
        async with _at(file) as other, other.read() as view:
            assert await view.repositories() == []


def test_one_process_at_a_time_works_on_a_file(file: Path) -> None:
    with (
        hold_alone(file),
        pytest.raises(PermanentError, match=r"process \d+\) works on .*smokejumper\.db"),
        hold_alone(file),
    ):
        pass
    with hold_alone(file):
        pass


def test_two_names_of_a_file_are_one_file(file: Path) -> None:
    file.parent.mkdir()
    file.touch()
    link = file.with_name("link.db")
    link.symlink_to(file)
    with hold_alone(file), pytest.raises(PermanentError, match="works on"), hold_alone(link):
        pass


def _at(file: Path, *, program: str = __version__) -> SqlStore:
    return SqlStore(f"sqlite:///{file}", program=program)


def _change(file: Path, sql: str) -> None:
    connection = sqlite3.connect(file)
    connection.execute(sql)
    connection.commit()
    connection.close()
