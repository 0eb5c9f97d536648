"""Intake: a delivery is on the disk and due before its sender is answered."""

import asyncio
import os
import resource
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text

from bot.adapters.storage.intake import MOST_ROWS, POURING, GroupCommit
from bot.adapters.storage.store import SqlStore
from bot.domain.errors import TransientError
from bot.domain.events import Delivery
from bot.domain.work import DueKind
from tests.contract.conftest import Wakes
from tests.contract.made import LATER, NOW, SOON, a_delivery


@pytest.fixture
async def writer(store: SqlStore) -> AsyncIterator[GroupCommit]:
    async with GroupCommit(store) as writer:
        yield writer


async def test_a_delivery_is_stored_due_and_woken(
    store: SqlStore, writer: GroupCommit, wakes: Wakes
) -> None:
    delivery = a_delivery(body=b'{"action":"\x00\xff"}' * 1_000)
    assert await writer.store(delivery)

    assert wakes.heard == [(DueKind.DELIVERY, "d-1", "repo:7", NOW)]
    async with store.read() as tx:
        assert await tx.delivery(delivery.id) == delivery
        assert await tx.due_now(NOW, limit=9) == [(DueKind.DELIVERY, "d-1", "repo:7")]


async def test_a_delivery_of_no_repository_has_a_key_too(
    store: SqlStore, writer: GroupCommit
) -> None:
    await writer.store(a_delivery(repo=None))
    async with store.read() as tx:
        assert await tx.due_now(NOW, limit=9) == [(DueKind.DELIVERY, "d-1", "hook")]


async def test_what_was_processed_is_not_due_again(
    store: SqlStore, writer: GroupCommit, wakes: Wakes
) -> None:
    delivery = a_delivery()
    await writer.store(delivery)
    async with store.begin() as tx:
        await tx.delivery_done(delivery.id, at=SOON, outcome="triaged")
        await tx.not_due(DueKind.DELIVERY, delivery.id)
    wakes.heard.clear()

    assert not await writer.store(replace(delivery, received_at=LATER))
    assert wakes.heard == []
    async with store.read() as tx:
        assert await tx.next_due() is None
        assert await tx.delivery(delivery.id) == delivery


async def test_what_was_never_processed_is_due_again(store: SqlStore, writer: GroupCommit) -> None:
    delivery = a_delivery()
    await writer.store(delivery)
    async with store.begin() as tx:
        await tx.not_due(DueKind.DELIVERY, delivery.id)

    assert not await writer.store(replace(delivery, received_at=LATER))
    async with store.read() as tx:
        assert await tx.next_due() == LATER


async def test_what_its_payload_settles_is_stored_as_done(
    store: SqlStore, writer: GroupCommit, wakes: Wakes
) -> None:
    assert await writer.store(replace(a_delivery(), settled="not red"))
    assert not await writer.store(replace(a_delivery(), settled="not red"))
    assert wakes.heard == []
    async with store.read() as tx:
        assert await tx.next_due() is None
        record = await tx.delivery_record(a_delivery().id)
    assert record
    assert (record.done_at, record.outcome, record.error) == (NOW, "not red", "")


async def test_of_two_bodies_under_one_id_the_first_is_kept(
    store: SqlStore, writer: GroupCommit
) -> None:
    """GitHub sends the same again; another body is somebody's mistake, and said so."""
    first, other = a_delivery(), a_delivery(body=b'{"action": "other"}')
    await writer.store(first)
    with structlog.testing.capture_logs() as logs:
        assert not await writer.store(first)
        assert logs == []
        assert not await writer.store(other)
    assert [(line["event"], line["id"]) for line in logs] == [("delivery_id_reused", first.id)]
    async with store.read() as tx:
        assert await tx.delivery(first.id) == first


async def test_each_way_in_writes_the_same_row(store: SqlStore, writer: GroupCommit) -> None:
    deliveries = [
        a_delivery("repo"),
        a_delivery("none", repo=None),
        replace(a_delivery("settled"), settled="not red"),
    ]
    for delivery in deliveries:
        await writer.store(delivery)
    quick = await _rows(store)
    async with store.begin() as tx:
        await tx.connection.execute(text("DELETE FROM delivery"))
        await tx.connection.execute(text("DELETE FROM due"))
        await tx.take_in(deliveries)
    assert await _rows(store) == quick


async def _rows(store: SqlStore) -> list[object]:
    async with store.read() as tx:
        return [
            tuple(row)
            for table in ("delivery", "due")
            for row in await tx.connection.execute(
                text(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 - our own names
            )
        ]


async def test_other_writers_do_not_keep_intake_waiting(
    store: SqlStore, writer: GroupCommit
) -> None:
    """Each other writer goes first once at most, however many more of theirs follow."""
    turns = 0

    async def write_on() -> None:
        nonlocal turns
        while True:
            async with store.begin():
                await asyncio.sleep(0.002)
                turns += 1

    others = [asyncio.create_task(write_on()) for _ in range(5)]
    try:
        await asyncio.sleep(0)
        for number in range(5):
            turns = 0
            await writer.store(a_delivery(f"d-{number}"))
            if not store.is_shared:  # a server lets all write at once
                assert turns <= 2 * len(others)
    finally:
        for other in others:
            other.cancel()
        await asyncio.wait(others)


async def test_it_pours_while_a_crowd_comes(writer: GroupCommit) -> None:
    await writer.store(a_delivery("alone"))
    assert not writer.pouring()
    await asyncio.gather(*(writer.store(a_delivery(f"{number}")) for number in range(POURING)))
    assert writer.pouring()


async def test_two_doors_store_a_delivery_once(postgres: str, wakes: Wakes) -> None:
    """Whoever loses the race tells its sender that it was known."""
    many = [a_delivery(f"d-{number}") for number in range(50)]
    async with (
        SqlStore(postgres, waker=wakes) as one,
        SqlStore(postgres, waker=wakes) as two,
        GroupCommit(one) as left,
        GroupCommit(two) as right,
    ):
        answers = await asyncio.gather(
            *(left.store(each) for each in many), *(right.store(each) for each in reversed(many))
        )
        assert sum(answers) == len(many)
        async with one.read() as tx:
            assert len(await tx.due_now(NOW, limit=9_999)) == len(many)


async def test_many_at_once_share_commits(store: SqlStore, wakes: Wakes) -> None:
    """Each caller learns of their own delivery, also when it came twice in one commit."""
    many = [a_delivery(f"d-{number}") for number in range(MOST_ROWS + 10)]
    async with GroupCommit(store) as writer:
        answers = await asyncio.gather(*(writer.store(each) for each in [many[0], *many]))
    assert answers == [True, False, *[True] * (len(many) - 1)]
    assert len(wakes.heard) == len(many)
    async with store.read() as tx:
        assert len(await tx.due_now(NOW, limit=9_999)) == len(many)


@pytest.mark.parametrize(
    ("most", "most_bytes"),
    [pytest.param(2, 9_999, id="too-many"), pytest.param(9, 200, id="too-large")],
)
async def test_a_full_queue_is_refused_and_nothing_of_it_lost(
    store: SqlStore, most: int, most_bytes: int
) -> None:
    async with GroupCommit(store, most=most, most_bytes=most_bytes) as writer:
        async with store.begin():  # the disk is slow
            waiting = [asyncio.create_task(writer.store(_large(str(n)))) for n in range(2)]
            await asyncio.sleep(0)
            with pytest.raises(TransientError, match="too many") as refusal:
                await writer.store(_large("late"))
        assert refusal.value.after
        assert [await task for task in waiting] == [True, True]
        assert await writer.store(_large("late"))


def _large(id: str) -> Delivery:
    return a_delivery(id, body=b"x" * 100)


async def test_stopping_stores_what_waits_and_takes_no_more(store: SqlStore) -> None:
    writer = GroupCommit(store)
    async with writer:
        waiting = asyncio.create_task(writer.store(a_delivery()))
        await asyncio.sleep(0)
    assert await waiting
    with pytest.raises(TransientError, match="stopping"):
        await writer.store(a_delivery("late"))


async def test_a_caller_who_gave_up_stops_nobody(store: SqlStore, writer: GroupCommit) -> None:
    async with store.begin():
        gone = asyncio.create_task(writer.store(a_delivery("gone")))
        here = asyncio.create_task(writer.store(a_delivery("here")))
        await asyncio.sleep(0)
        gone.cancel()
    assert await here
    async with store.read() as tx:
        assert await tx.delivery(a_delivery("gone").id)


async def test_a_database_that_cannot_write_is_said_and_outlived(writer: GroupCommit) -> None:
    refused = replace(a_delivery("bad"), event=None)  # type: ignore[arg-type] # as a full disk
    with structlog.testing.capture_logs() as logs, pytest.raises(TransientError, match="can't wr"):
        await writer.store(refused)
    assert [(line["event"], line["number"]) for line in logs] == [("deliveries_refused", 1)]
    assert await writer.store(a_delivery("good"))


async def test_a_fault_of_ours_stops_only_what_it_met(writer: GroupCommit) -> None:
    naive = replace(a_delivery("bad"), body="no bytes")  # type: ignore[arg-type] # our own fault
    with structlog.testing.capture_logs(), pytest.raises(TransientError):
        await writer.store(naive)
    assert await writer.store(a_delivery("good"))


async def test_a_full_disk_is_said_and_outlived(tmp_path: Path) -> None:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with SqlStore(f"sqlite:///{tmp_path / 'bot.db'}") as store, GroupCommit(store) as writer:
        await writer.store(a_delivery("before"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limit[1]))
        try:
            with pytest.raises(TransientError, match="can't write"):
                await writer.store(a_delivery("full", body=os.urandom(100_000)))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        assert await writer.store(a_delivery("after"))
