"""Intake: a delivery is on the disk and due before its sender is answered."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.adapters.storage.intake import MOST_ROWS, GroupCommit
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
    with pytest.raises(TransientError, match="can't write"):
        await writer.store(refused)
    assert await writer.store(a_delivery("good"))
