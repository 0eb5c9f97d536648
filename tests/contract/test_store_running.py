"""Processes and leases, by the database's clock: what the dead held is free."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.adapters.storage.store import SqlStore
from bot.adapters.storage.transaction import Transaction
from bot.domain.work import Due, DueKind
from bot.ports.finding import Finding
from bot.ports.running import Process
from tests.contract.made import LATER, NOW

HOUR = timedelta(hours=1)
NO_TIME = timedelta(0)
CARD = DueKind.CARD

ONE = Process(
    id="one",
    roles=("web", "worker"),
    version="0.2.0",
    host="a.example",
    pid=41,
    started_at=NOW,
    seen_at=NOW,
    standing={"github": Finding(ok=False, text="It answers 503.")},
)
TWO = replace(ONE, id="two", pid=42, standing={})


async def test_a_process_is_kept_with_moments_of_the_database(store: SqlStore) -> None:
    async with store.begin() as tx:
        await tx.seen(ONE)
        first = await _one(tx)
    assert first == replace(ONE, started_at=first.started_at, seen_at=first.seen_at)
    assert abs(first.started_at - datetime.now(first.started_at.tzinfo)) < HOUR

    changed = replace(ONE, roles=("chat",), standing={"github": Finding(ok=True, text="")})
    async with store.begin() as tx:
        await tx.seen(changed)
        again = await _one(tx)
    assert again == replace(changed, started_at=first.started_at, seen_at=again.seen_at)
    assert again.seen_at >= first.seen_at


async def _one(tx: Transaction) -> Process:
    (found,) = await tx.processes()
    return found


async def test_who_is_silent_is_buried(store: SqlStore) -> None:
    async with store.begin() as tx:
        await tx.seen(ONE)
        await tx.seen(TWO)
        assert await tx.bury(silent_for=HOUR) == []
        assert await tx.bury(silent_for=-HOUR) == ["one", "two"]
        assert await tx.processes() == []


async def test_what_a_dead_process_held_is_free(database: str) -> None:
    async with SqlStore(database, process="one") as store, store.begin() as tx:
        await tx.seen(ONE)
        await _claimed(tx, "1")
        await tx.due(CARD, "waits", key="b", at=LATER)
        assert await tx.take_lease("chat", process="one", lasts=HOUR)
        assert await tx.bury(silent_for=-HOUR) == ["one"]
        assert await tx.take_lease("chat", process="two", lasts=HOUR)
        assert await tx.claim(CARD, "waits", now=NOW, lease=HOUR) is None
        again = await tx.claim(CARD, "1", now=datetime.now(NOW.tzinfo) + HOUR, lease=HOUR)
    assert again
    assert again.tries == 2, "it may have broken the process that held it"


async def test_only_what_the_dead_held_is_free(database: str) -> None:
    async with SqlStore(database, process="two") as store, store.begin() as tx:
        await tx.seen(ONE)
        await _claimed(tx, "2")
        assert await tx.take_lease("chat", process="two", lasts=HOUR)
        await tx.gone("one")
        assert not await tx.take_lease("chat", process="one", lasts=HOUR)
        assert await tx.due_now(NOW, limit=9) == []
        assert await tx.next_due() == NOW + HOUR


async def test_who_stops_frees_what_it_held(database: str) -> None:
    async with SqlStore(database, process="one") as store, store.begin() as tx:
        await tx.seen(ONE)
        await tx.seen(TWO)
        due = await _claimed(tx, "1")
        await tx.take_lease("chat", process="one", lasts=HOUR)
        await tx.gone("one")
        assert [process.id for process in await tx.processes()] == ["two"]
        assert await tx.take_lease("chat", process="two", lasts=HOUR)
        assert not await tx.finish(due, again=None)
        assert await tx.next_due() != due.due_at


async def _claimed(tx: Transaction, id: str) -> Due:
    await tx.due(CARD, id, key="a", at=NOW)
    due = await tx.claim(CARD, id, now=NOW, lease=HOUR)
    assert due
    return due


async def test_one_at_a_time_holds_a_lease(store: SqlStore) -> None:
    async with store.begin() as tx:
        assert await tx.take_lease("chat", process="one", lasts=HOUR)
        assert await tx.take_lease("chat", process="one", lasts=HOUR), "and renews it"
        assert not await tx.take_lease("chat", process="two", lasts=HOUR)
        assert await tx.take_lease("other", process="two", lasts=HOUR)
        await tx.gone("two")
        assert not await tx.take_lease("chat", process="two", lasts=HOUR)
        await tx.gone("one")
        assert await tx.take_lease("chat", process="two", lasts=HOUR)


async def test_a_lease_ends(store: SqlStore) -> None:
    async with store.begin() as tx:
        assert await tx.take_lease("chat", process="one", lasts=NO_TIME)
    async with store.begin() as tx:
        assert await tx.take_lease("chat", process="two", lasts=HOUR)
        assert not await tx.take_lease("chat", process="one", lasts=HOUR)
