"""`smokejumper backup` and `restore`: what they say, and what they refuse."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.adapters.storage.store import SqlStore
from bot.cli import main
from tests.contract.made import REPOSITORY


def run(database: Path, *words: str) -> Result:
    env = {"SMOKEJUMPER_DATABASE_URL": f"sqlite:///{database}"}
    return CliRunner().invoke(main, words, env=env)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)  # no `.env` of anybody's
    file = tmp_path / "smokejumper.db"
    asyncio.run(_save(file))
    return file


async def _save(file: Path) -> None:
    async with SqlStore(f"sqlite:///{file}") as store, store.begin() as tx:
        await tx.save_repository(REPOSITORY)


def test_a_backup_and_its_restore_say_what_they_did(database: Path, tmp_path: Path) -> None:
    told = run(database, "backup", "backup.db")
    assert told.exit_code == 0
    assert told.output.startswith("backup.db: 2 rows, 0.")

    told = run(tmp_path / "new.db", "restore", "backup.db")
    assert told.exit_code == 0
    assert told.output.splitlines() == [
        "           1  program",
        "           1  repository",
        "Restored. `smokejumper serve` goes on from there, and asks GitHub what it missed.",
    ]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        pytest.param(("backup", "smokejumper.db"), "exists already", id="file-exists"),
        pytest.param(("restore", "nothing.db"), "There is no file nothing.db.", id="no-file"),
        pytest.param(("backup", "none/b.db"), "There is no folder none.", id="no-folder"),
        pytest.param(("restore", "smokejumper.db"), "is not empty", id="not-empty"),
    ],
)
def test_what_can_not_be_done_is_told_in_one_sentence(
    database: Path, words: tuple[str, ...], why: str
) -> None:
    told = run(database, *words)
    assert told.exit_code == 2
    assert why in told.output
    assert "Traceback" not in told.output
