"""Upgrades keep what each released version stored, and let old and new work side by side."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, insert, inspect, select, text

from bot.adapters.storage.copying import COPIED
from bot.adapters.storage.migrating import NEWEST, revision_of, upgrade
from bot.adapters.storage.store import SqlStore
from bot.domain.errors import PermanentError
from bot.domain.ids import DeliveryId, IncidentId
from bot.domain.incident import Ending
from bot.domain.work import DueKind
from tests.contract.conftest import an_incident
from tests.contract.made import LANE, LATER, NOW, REPOSITORY, RUN, a_delivery
from tests.contract.test_store_backup import everything
from tests.contract.test_store_running import HOUR

RELEASED = Path(__file__).with_name("released")
"""One file for each schema that was released: all it can hold, written by that version."""

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@pytest.fixture(params=sorted(file.stem for file in RELEASED.glob("*.sql")))
def released(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def old_file(released: str, tmp_path: Path) -> Path:
    file = tmp_path / "smokejumper.db"
    with closing(sqlite3.connect(file)) as made:
        made.executescript((RELEASED / f"{released}.sql").read_text())
    return file


@pytest.fixture(params=["file", "postgres"])
def old_database(request: pytest.FixtureRequest, released: str, old_file: Path) -> str:
    """Address of a database as that version left it."""
    if request.param == "file":
        return f"sqlite:///{old_file}"
    url = str(request.getfixturevalue("bare_postgres"))
    engine = create_engine(_driver(url))
    with engine.begin() as connection:
        upgrade(connection, to=released)
        _insert(connection, _stored(f"sqlite:///{old_file}"))
    engine.dispose()
    return url


def _driver(url: str) -> str:
    return url.replace("postgresql:", "postgresql+psycopg:")


def _stored(url: str) -> Rows:
    """Return all rows, with the columns that there are."""
    engine = create_engine(_driver(url))
    with engine.connect() as connection:
        there = inspect(connection)
        found = {}
        for table in COPIED:
            if there.has_table(table.name):
                names = [column["name"] for column in there.get_columns(table.name)]
                columns = [table.c[name] for name in names if name in table.c]
                asked = select(*columns).order_by(*table.primary_key.columns)
                found[table.name] = [dict(row) for row in connection.execute(asked).mappings()]
    engine.dispose()
    return found


def _insert(connection: Connection, stored: Rows) -> None:
    for table in COPIED:
        if rows := stored.get(table.name):
            connection.execute(table.delete())
            connection.execute(insert(table), rows)
    for name in ("lane", "incident", "retry", "card"):
        last = f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"  # noqa: S608 - ours
        connection.execute(text(last))


def test_each_table_of_a_release_holds_something(old_file: Path) -> None:
    assert [name for name, rows in _stored(f"sqlite:///{old_file}").items() if not rows] == []


async def test_an_upgrade_keeps_all_that_was_stored(old_database: str) -> None:
    before = dict(_stored(old_database))
    async with SqlStore(old_database) as store:
        async with store.read() as tx:
            assert await revision_of(tx.connection) == NEWEST
        await everything(store)  # the new program understands each row
    after = dict(_stored(old_database))
    assert before.pop("program") != after.pop("program")
    for name, rows in before.items():
        assert [{key: row[key] for key in rows[0]} for row in after[name]] == rows


async def test_an_upgraded_database_goes_on(old_database: str) -> None:
    async with SqlStore(old_database) as store, store.begin() as tx:
        assert await tx.free_claims(now=NOW) == 1
        assert {id for _, id, _ in await tx.due_now(NOW, limit=9)} == {"1", "d-waits"}
        waits = await tx.delivery(DeliveryId("d-waits"))
        assert waits
        assert waits.body == b"{}"
        opened = await tx.incident(IncidentId(1))
        assert opened
        (card,) = await tx.cards(opened.id)
        assert card.message == "171.5"
        await tx.save_incident(opened.end(Ending.GREEN, by="itself", at=LATER))
        _, second = await an_incident(tx)
        assert second.id == 3, "no number is given twice"


async def test_an_old_program_refuses_what_it_can_not_understand(old_file: Path) -> None:
    async with SqlStore(f"sqlite:///{old_file}"):
        pass
    with pytest.raises(PermanentError, match=r"needs Smokejumper 0\.2\.0 or newer"):
        await SqlStore(f"sqlite:///{old_file}", program="0.1.0").open()


GROWN = (
    "ALTER TABLE due ADD COLUMN weight INTEGER",
    "ALTER TABLE delivery ADD COLUMN hook INTEGER",
    "ALTER TABLE incident ADD COLUMN mood VARCHAR",
    "ALTER TABLE card ADD COLUMN colour VARCHAR",
    "CREATE TABLE weather (id INTEGER PRIMARY KEY)",
    "CREATE INDEX ix_due_weight ON due (weight)",
    "UPDATE alembic_version SET version_num = '9999'",
    # Work that only the newer program knows: due, claimed by it, and given up by it.
    "INSERT INTO due (kind, id, key, due_at, tries) VALUES ('weather', '1', 'sky', :at, 0)",
    (
        "INSERT INTO due (kind, id, key, due_at, tries, claim, holder) "
        "VALUES ('weather', '2', 'sky', :at, 1, :at, 'newer')"
    ),
    (
        "INSERT INTO due (kind, id, key, due_at, tries, set_aside_at, error) "
        "VALUES ('weather', '3', 'sky', :at, 12, :at, 'it rained')"
    ),
)


def _grow(url: str) -> None:
    """Do to a database what the next version's migration may."""
    engine = create_engine(_driver(url))
    with engine.begin() as connection:
        for statement in GROWN:
            connection.execute(text(statement), {"at": "2026-01-01 00:00:00.000000"})
    engine.dispose()


async def test_an_old_program_works_on_beside_a_newer_one(
    database_kept: str,
) -> None:
    """Also after the upgrade was undone: it opens, and does its work as before."""
    async with SqlStore(database_kept, process="old") as running:
        async with running.begin() as tx:
            await tx.take_in([a_delivery("before")])
        _grow(database_kept)
        await _work(running, "before", "beside")
    async with SqlStore(database_kept, process="old", program="0.2.0") as undone:
        await _work(undone, "beside", "after")
        async with undone.begin() as tx:
            await tx.bury(silent_for=HOUR)
    stored = _stored(database_kept)
    newer = [row for row in stored["due"] if row["kind"] == "weather"]
    assert [row["id"] for row in newer] == ["1", "2", "3"]
    assert newer[1]["holder"] == "newer"
    assert newer[2]["error"] == "it rained"


async def _work(store: SqlStore, now_due: str, next_due: str) -> None:
    """Do what is due, and nothing that only the newer program knows."""
    async with store.begin() as tx:
        assert await tx.due_now(NOW, limit=9) == [(DueKind.DELIVERY, now_due, "repo:7")]
        assert await tx.next_due() == NOW
        assert await tx.set_aside_rows() == []
        due = await tx.claim(DueKind.DELIVERY, now_due, now=NOW, lease=HOUR)
        assert due
    async with store.begin() as tx:
        await tx.save_repository(REPOSITORY)
        await tx.save_run(RUN)
        lane = await tx.lock_lane(LANE)
        known = await tx.lane_incident(lane)
        if known is None:
            await an_incident(tx)
        else:
            await tx.save_incident(known.end(Ending.GREEN, by="itself", at=LATER))
        await tx.delivery_done(DeliveryId(now_due), at=NOW, outcome="triaged")
        assert await tx.finish(due, again=None)
        await tx.take_in([a_delivery(next_due)])


@pytest.fixture(params=["file", "postgres"])
def database_kept(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres"))
    return f"sqlite:///{tmp_path / 'smokejumper.db'}"
