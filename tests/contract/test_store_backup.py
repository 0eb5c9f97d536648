"""Backup and restore: one moment of the past, whole, into a database of either kind."""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.storage.alone import hold_alone
from bot.adapters.storage.backup import NOT_EMPTY, back_up, restore
from bot.adapters.storage.copying import COPIED, ROWS
from bot.adapters.storage.store import SqlStore
from bot.adapters.storage.tables import METADATA
from bot.domain.errors import PermanentError
from bot.domain.ids import DeliveryId, NoticeId, PressId, RepoId
from bot.domain.incident import Ending
from bot.domain.lane import RefKind
from bot.domain.work import DueKind
from bot.ports.hearing import Cursor
from bot.ports.notices import Notice, NoticeKind
from bot.ports.pruning import Prunable
from bot.ports.running import Budget
from tests.contract.conftest import an_incident
from tests.contract.made import (
    CARD,
    DETAILED,
    FOUND,
    HERE,
    JOB,
    LATER,
    NOW,
    OPEN,
    OTHER_LANE,
    PRESS,
    REPO,
    REPOSITORY,
    RETRY,
    RUN,
    SKETCH,
    TOLD,
    a_delivery,
)
from tests.contract.test_store_running import HOUR, ONE

BODY = b'{"action":"\x00\xff"}' * 99


@pytest.fixture(params=["file", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres"))
    return f"sqlite:///{tmp_path / 'smokejumper.db'}"


async def fill(store: SqlStore) -> None:
    """Store at least one row of everything."""
    async with store.begin() as tx:
        await tx.save_repository(REPOSITORY)
        await tx.take_in([a_delivery(f"d-{number}", body=BODY) for number in range(ROWS + 7)])
        await tx.delivery_set_aside(DeliveryId("d-1"), at=LATER, error="KeyError: 'x'")
        await tx.save_ref(REPO, "main", RefKind.BRANCH)
        await tx.save_run(RUN)
        await tx.save_job(REPO, JOB)
        await tx.save_diagnosis(FOUND)
        lane, opened = await an_incident(tx, OPEN)
        await tx.place_run(RUN.id, lane)
        await tx.save_sketch(replace(SKETCH, lane=lane))
        await tx.tell(replace(TOLD, incident=opened.id))
        await tx.new_retry(replace(RETRY, incident=opened.id))
        card = await tx.want_card(opened.id, HERE)
        await tx.save_card(replace(CARD, id=card.id, incident=opened.id, tries=0, tried_at=None))
        await tx.new_press(PRESS)
        await tx.want_notice(
            Notice(id=NoticeId(0), kind=NoticeKind.DIGEST, source="1", place=HERE, opened_at=NOW)
        )
        await tx.open_blind("github", since=NOW)
        await tx.save_cursor(Cursor(name="runs", heard_until=NOW, etag='W/"1"'))
        await tx.save_budget("github token", Budget(remaining=4_000, resets_at=LATER))
        await tx.due(DueKind.CARD, "held", key="a", at=NOW)
        assert await tx.claim(DueKind.CARD, "held", now=NOW, lease=HOUR)
        await tx.seen(ONE)
        assert await tx.take_lease("chat", process="one", lasts=HOUR)
        _, gone = await an_incident(tx, DETAILED, lane=OTHER_LANE)
        await tx.prune(Prunable.INCIDENTS, before=LATER + HOUR, most=9)
        assert await tx.incident(gone.id) is None


async def everything(store: SqlStore) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows as the program understands them."""
    async with store.read() as tx:
        return {
            table.name: [
                tuple(row)
                for row in await tx.connection.execute(
                    METADATA.tables[table.name].select().order_by(*table.primary_key.columns)
                )
            ]
            for table in COPIED
        }


@pytest.mark.parametrize("target", ["file", "postgres"])
async def test_a_backup_comes_back_whole(
    database: str, target: str, tmp_path: Path, bare_postgres: str
) -> None:
    """From either kind to either kind: so it is also the way from SQLite to PostgreSQL."""
    file = tmp_path / "backup.db"
    url = bare_postgres if target == "postgres" else f"sqlite:///{tmp_path / 'new' / 'bot.db'}"
    async with SqlStore(database, process="one") as store:
        await fill(store)
        before = await everything(store)
        counts = await back_up(database, file)

    assert counts == {name: len(rows) for name, rows in before.items()}
    assert [name for name, rows in counts.items() if not rows] == []
    assert await restore(url, file) == counts
    async with SqlStore(url) as store:
        after = await everything(store)
        assert _but_for_settled(after) == _but_for_settled(before)
        await _goes_on(store)


SETTLED = {
    "due": ("claim", "holder"),
    "card": ("tries", "tried_at"),
    "notice": ("tries", "tried_at"),
}


def _but_for_settled(rows: Mapping[str, Sequence[Sequence[object]]]) -> object:
    """Leave out what a restore changes."""
    kept = {}
    for table, all_rows in rows.items():
        names = [column.name for column in METADATA.tables[table].columns]
        left_out = [names.index(name) for name in SETTLED.get(table, ())]
        kept[table] = [
            [value for place, value in enumerate(row) if place not in left_out] for row in all_rows
        ]
    return kept


async def _goes_on(store: SqlStore) -> None:
    """No number is given twice, and nobody who runs elsewhere holds anything."""
    async with store.begin() as tx:
        assert await tx.processes() == []
        assert await tx.take_lease("chat", process="two", lasts=HOUR)
        assert await tx.free_claims(now=NOW) == 0
        (incident,) = await tx.open_incidents()
        (card,) = await tx.cards(incident.id)
        assert card.message == CARD.message, "what is shown is edited, and not posted again"
        assert card.tries > 0, "what may have been told since is looked for"
        await tx.save_incident(incident.end(Ending.GREEN, by="itself", at=NOW))
        _, second = await an_incident(tx)
        assert second.id == incident.id + 2, "the number of the one that was pruned stays its own"
        other = await tx.want_card(second.id, HERE)
        assert other.id > card.id
        assert await tx.new_retry(replace(RETRY, incident=second.id, attempt=2))


async def test_a_backup_is_of_one_moment(database: str, tmp_path: Path) -> None:
    """Every transaction writes a pair; half a pair would be a moment that never was."""
    writing = True

    async def write(store: SqlStore) -> None:
        number = 0
        while writing:
            number += 1
            async with store.begin() as tx:
                await tx.save_repository(replace(REPOSITORY, id=RepoId(number)))
                await asyncio.sleep(0)
                await tx.new_press(replace(PRESS, id=PressId(str(number))))

    async with SqlStore(database) as store, asyncio.TaskGroup() as group:
        group.create_task(write(store))
        await asyncio.sleep(0.05)
        counts = await back_up(database, tmp_path / "backup.db")
        writing = False
    assert counts["repository"] == counts["press"] > 0


async def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path / 'bot.db'}", tmp_path / "backup.db"
    async with SqlStore(url):
        await back_up(url, file)
        with pytest.raises(PermanentError, match="exists already"):
            await back_up(url, file)
    assert _files(tmp_path) == ["backup.db", "bot.db"]
    with closing(sqlite3.connect(file)) as backup:
        assert backup.execute("PRAGMA journal_mode").fetchone() == ("delete",), "one file is all"


def _files(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


async def test_a_backup_that_fails_leaves_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    with pytest.raises(PermanentError, match="no database"):
        await back_up(url, tmp_path / "backup.db")
    with pytest.raises(PermanentError, match="No such file"):
        await back_up(url, tmp_path / "nowhere" / "backup.db")
    assert _files(tmp_path) == []


async def test_a_database_in_use_takes_no_restore(database: str, tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path / 'old.db'}", tmp_path / "backup.db"
    async with SqlStore(url) as store, store.begin() as tx:
        await tx.save_repository(REPOSITORY)
    await back_up(url, file)
    async with SqlStore(database) as store, store.begin() as tx:
        await tx.save_repository(replace(REPOSITORY, id=RepoId(99)))
    with pytest.raises(PermanentError, match=NOT_EMPTY):
        await restore(database, file)
    async with SqlStore(database) as store, store.read() as tx:
        assert await tx.repository(REPOSITORY.id) is None


async def test_a_running_bot_is_not_restored_under(tmp_path: Path) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    async with SqlStore(f"sqlite:///{old}"):
        await back_up(f"sqlite:///{old}", tmp_path / "backup.db")
    with hold_alone(new), pytest.raises(PermanentError, match="Another Smokejumper"):
        await restore(f"sqlite:///{new}", tmp_path / "backup.db")


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("", id="empty"),
        pytest.param("CREATE TABLE alembic_version (version_num TEXT)", id="no-version"),
        pytest.param("not sql", id="another-file"),
    ],
)
def test_what_is_no_backup_is_refused(tmp_path: Path, sql: str) -> None:
    file = tmp_path / "backup.db"
    if sql == "not sql":
        file.write_text("a letter to a friend" * 99)
    else:
        with closing(sqlite3.connect(file)) as made:
            made.execute(sql)
    with pytest.raises(PermanentError, match="is no backup"):
        asyncio.run(restore(f"sqlite:///{tmp_path / 'new.db'}", file))
    assert not (tmp_path / "new.db").exists()


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="is no backup"):
        asyncio.run(restore(f"sqlite:///{tmp_path / 'new.db'}", tmp_path / "backup.db"))
    assert _files(tmp_path) == []


async def test_a_backup_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path / 'bot.db'}", tmp_path / "backup.db"
    async with SqlStore(url):
        await back_up(url, file)
    with closing(sqlite3.connect(file)) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(PermanentError, match="newer Smokejumper"):
        await restore(f"sqlite:///{tmp_path / 'new.db'}", file)
