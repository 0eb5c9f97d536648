"""`smokejumper deliveries` beside a bot: what it lists, shows and makes due again."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.storage.store import SqlStore
from bot.domain.events import Delivery
from bot.domain.ids import DeliveryId, RepoId
from bot.domain.work import DueKind
from tests.payload_parts import NOON
from tests.unit.cli.conftest import Run


def a_delivery(id: str, *, minute: int = 0, body: bytes = b'{"action": "completed"}') -> Delivery:
    return Delivery(
        id=DeliveryId(id),
        event="workflow_run",
        repo=RepoId(7),
        received_at=NOON + timedelta(minutes=minute),
        body=body,
    )


@pytest.fixture(params=["file", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres"))
    return f"sqlite:///{tmp_path / 'bot.db'}"


@pytest.fixture
def kept(database: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run with a database that holds one delivery of each state."""
    monkeypatch.setenv("DATABASE_URL", database)
    asyncio.run(_keep(database))
    return run


async def _keep(database: str) -> None:
    async with SqlStore(database) as store, store.begin() as tx:
        await tx.take_in(
            [a_delivery(id, minute=minute) for minute, id in enumerate(("done", "waits", "broken"))]
        )
        await tx.delivery_done(DeliveryId("done"), at=NOON, outcome="opened")
        await tx.not_due(DueKind.DELIVERY, "done")
        await tx.delivery_set_aside(DeliveryId("broken"), at=NOON, error="no id\x1b[2J")
        await tx.not_due(DueKind.DELIVERY, "broken")


def due(database: str) -> set[str]:
    """Return the ids of what is due, sooner or later."""

    async def asked() -> set[str]:
        async with SqlStore(database) as store, store.read() as tx:
            return {row[1] for row in await tx.due_now(NOON + timedelta(days=9_999), limit=9)}

    return asyncio.run(asked())


def test_what_was_set_aside_comes_first_then_what_waits(kept: Run) -> None:
    result = kept("deliveries")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "id      event         repo      received                 state      why",
        "broken  workflow_run  number 7  2026-11-24 12:02:00 UTC  set aside  no id\ufffd[2J",
        "waits   workflow_run  number 7  2026-11-24 12:01:00 UTC  waits",
    ]


def test_all_are_listed_the_newest_first(kept: Run) -> None:
    lines = kept("deliveries", "--all", "--limit", 9).stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["broken", "waits", "done"]
    assert lines[-1].endswith("done       opened")


def test_nothing_to_see_is_said(database: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    assert due(database) == set()
    assert run("deliveries").stdout == "None was set aside, and none waits.\n"


def test_one_is_shown_with_its_payload(kept: Run) -> None:
    shown = kept("deliveries", "show", "broken").stdout
    assert "why       no id\ufffd[2J\n" in shown
    assert "state     set aside 2026-11-24 12:00:00 UTC\n" in shown
    assert shown.endswith('may hold private data:\n{\n  "action": "completed"\n}\n')


def test_a_replay_makes_it_due_with_its_error_forgotten(kept: Run, database: str) -> None:
    result = kept("deliveries", "replay", "broken")
    assert result.stdout == "1 delivery is due again; a running bot takes that up within 30 s.\n"
    assert due(database) == {"waits", "broken"}
    assert "set aside" not in kept("deliveries").stdout


def test_all_that_was_set_aside_is_replayed_at_once(kept: Run, database: str) -> None:
    assert kept("deliveries", "replay", "--set-aside").exit_code == 0
    assert due(database) == {"waits", "broken"}


def test_a_replay_of_what_is_done_says_so(kept: Run, database: str) -> None:
    said = kept("deliveries", "replay", "done", "waits").stdout.splitlines()
    assert said[0] == "done was processed already; what it tells is judged once more."
    assert said[1].startswith("2 deliveries are due again")
    assert due(database) == {"waits", "done"}


@pytest.mark.parametrize("arguments", [("show", "xyzzy"), ("replay", "broken", "xyzzy")])
def test_an_unknown_id_is_named_and_nothing_done(
    kept: Run, database: str, arguments: tuple[str, ...]
) -> None:
    result = kept("deliveries", *arguments)
    assert result.exit_code == 1
    assert "No delivery xyzzy is stored." in result.output
    assert due(database) == {"waits"}


def test_a_replay_needs_to_know_of_what(kept: Run) -> None:
    assert kept("deliveries", "replay").exit_code == 2
    assert kept("deliveries", "replay", "broken", "--set-aside").exit_code == 2


def test_a_question_makes_no_database(run: Run, tmp_path: Path) -> None:
    result = run("deliveries")
    assert result.exit_code == 1
    assert "DATABASE_URL" in result.output
    assert list(tmp_path.iterdir()) == []
