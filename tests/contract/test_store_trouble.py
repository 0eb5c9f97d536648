"""The database's troubles pass or are the operator's; a wrong statement is a bug of ours."""

import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.adapters.storage.engine import database_url
from bot.adapters.storage.store import SqlStore
from bot.adapters.storage.transaction import Transaction
from bot.domain.errors import OperatorError, PermanentError, TransientError
from bot.domain.work import DueKind
from tests.contract.conftest import Wakes
from tests.contract.made import NOW, REPOSITORY, RUN
from tests.postgres import Postgres


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "smokejumper.db"


async def _execute(tx: Transaction, statement: str, **values: str) -> None:
    await tx.connection.execute(text(statement), values)


async def test_a_wrong_statement_is_a_bug(store: SqlStore) -> None:
    with pytest.raises(DBAPIError) as told:
        async with store.begin() as tx:
            await _execute(tx, "SELECT nothing FROM nowhere")
    assert not isinstance(told.value, TransientError)
    async with store.begin() as tx:
        assert await tx.repositories() == []


async def test_an_error_repeats_no_parameters(store: SqlStore) -> None:
    """A press has a token, by which anybody could answer."""
    with pytest.raises(DBAPIError) as told:
        async with store.begin() as tx:
            await _execute(tx, "SELECT nothing FROM nowhere WHERE token = :token", token="abc-1")
    assert "abc-1" not in str(told.value)


async def test_a_locked_file_is_waited_for(file: Path) -> None:
    """A backup by another program may hold it longer than we wait at once."""
    async with SqlStore(f"sqlite:///{file}") as store:
        await _impatient(store)
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TransientError, match="database is locked") as told:
            async with store.begin() as tx:
                await tx.save_repository(REPOSITORY)
        assert not isinstance(told.value, OperatorError)
        other.execute("ROLLBACK")
        other.close()
        async with store.begin() as tx:
            await tx.save_repository(REPOSITORY)


async def _impatient(store: SqlStore) -> None:
    async with store.begin() as tx:
        await _execute(tx, "PRAGMA busy_timeout = 1")


async def test_a_full_disk_is_the_operators_and_is_outlived(file: Path) -> None:
    async with SqlStore(f"sqlite:///{file}") as store:
        async with store.begin() as tx:
            await _execute(tx, "PRAGMA max_page_count = 1")  # as many as there are
        with pytest.raises(OperatorError, match="full"):
            await _save_much(store)
        async with store.begin() as tx:
            await _execute(tx, "PRAGMA max_page_count = 100000")
        await _save_much(store)


async def _save_much(store: SqlStore) -> None:
    async with store.begin() as tx:
        await tx.save_run(replace(RUN, title="x" * 1_000_000))


def test_a_file_that_is_no_database_is_the_operators(file: Path) -> None:
    file.write_text("This is not a database, but a text." * 100)
    with pytest.raises(OperatorError, match="not a database"):
        asyncio.run(SqlStore(f"sqlite:///{file}").open())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"port": 1}, "refused", id="nobody-listens"),
        pytest.param({"database": "none"}, '"none" does not exist', id="no-such-database"),
    ],
)
async def test_a_server_that_refuses_is_asked_again(
    postgres: str, change: dict[str, object], words: str
) -> None:
    url = database_url(postgres).set(**change)  # type: ignore[arg-type] # parts of a URL
    with pytest.raises(TransientError, match=words) as told:
        await SqlStore(url.render_as_string(hide_password=False)).open()
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        pytest.param("SET TRANSACTION READ ONLY; DELETE FROM due", TransientError, id="standby"),
        pytest.param("SELECT pg_terminate_backend(pg_backend_pid())", TransientError, id="ended"),
        pytest.param(
            "SET LOCAL statement_timeout = 1; SELECT pg_sleep(9)", TransientError, id="57"
        ),
        pytest.param("SET ROLE nobody_else; DELETE FROM due", OperatorError, id="no-right"),
    ],
)
async def test_what_a_server_answers(
    postgres_server: Postgres, postgres: str, statement: str, kind: type[TransientError]
) -> None:
    postgres_server.execute(
        sql.SQL("DO $$ BEGIN CREATE ROLE nobody_else; EXCEPTION WHEN duplicate_object THEN END $$")
    )
    async with SqlStore(postgres) as store:
        with pytest.raises(TransientError) as told:
            await _each(store, statement.split(";"))
        assert type(told.value) is kind
        async with store.begin() as tx:
            assert await tx.repositories() == []


async def _each(store: SqlStore, statements: Sequence[str]) -> None:
    async with store.begin() as tx:
        for statement in statements:
            await _execute(tx, statement)


async def test_a_session_is_durable_whatever_the_server_is_set_to(
    postgres_server: Postgres, postgres: str
) -> None:
    name = sql.Identifier(postgres.rpartition("/")[2])
    lazy = sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(name)
    postgres_server.execute(lazy)
    async with SqlStore(postgres) as store, store.read() as tx:
        rows = await tx.connection.execute(text("SHOW synchronous_commit"))
        assert rows.scalar() == "on"


async def test_text_may_contain_a_nul(store: SqlStore) -> None:
    """PostgreSQL's can't; what comes back is readable, and what is asked for is found."""
    odd = replace(RUN, title="a\0b", head_branch="c\0d")
    async with store.begin() as tx:
        await tx.save_run(odd)
        found = await tx.run(odd.id)
        assert found
        assert found.title.replace("\N{REPLACEMENT CHARACTER}", "\0") == odd.title
        assert await tx.unplaced_runs(odd.repo, "c\0d") == [found]


async def test_a_process_that_may_be_taken_for_dead_commits_nothing(
    store: SqlStore, wakes: Wakes
) -> None:
    def guard() -> None:
        msg = "we were suspended"
        raise TransientError(msg)

    store.guard = guard
    with pytest.raises(TransientError, match="suspended"):
        async with store.begin() as tx:
            await tx.due(DueKind.CARD, "1", key="a", at=NOW)
    store.guard = None
    async with store.read() as tx:
        assert await tx.next_due() is None
    assert wakes.heard == []


async def test_who_only_looks_makes_nothing(tmp_path: Path, bare_postgres: str) -> None:
    file = tmp_path / "folder" / "smokejumper.db"
    for url in (f"sqlite:///{file}", bare_postgres):
        with pytest.raises(PermanentError, match="no database of this version"):
            await SqlStore(url, looks=True).open()
    assert not file.parent.exists()


async def test_who_looks_finds_what_is_there(file: Path, postgres: str) -> None:
    for url in (f"sqlite:///{file}", postgres):
        async with SqlStore(url) as store, store.begin() as tx:
            await tx.save_repository(REPOSITORY)
        async with SqlStore(url, looks=True) as store, store.read() as tx:
            assert await tx.repositories() == [REPOSITORY]
