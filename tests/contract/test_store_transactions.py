"""Store: all or nothing, one at a time, and wakes only for what is committed."""

import asyncio
from dataclasses import replace

import pytest

from bot.adapters.storage.store import SqlStore
from bot.domain.run import Repository
from bot.domain.work import DueKind
from tests.contract.conftest import Wakes
from tests.contract.made import ANA, LANE, LATER, NOW, REPOSITORY


class BrokenError(Exception):
    """Something that a handler did not foresee."""


async def test_an_exception_undoes_all_and_wakes_nobody(store: SqlStore, wakes: Wakes) -> None:
    async def break_down() -> None:
        async with store.begin() as tx:
            await tx.save_repository(REPOSITORY)
            await tx.due(DueKind.CARD, "1", key="incident:1", at=NOW)
            raise BrokenError

    with pytest.raises(BrokenError):
        await break_down()
    async with store.read() as tx:
        assert await tx.repositories() == []
        assert await tx.next_due() is None
    assert wakes.heard == []


async def test_wakes_are_sent_after_the_commit(store: SqlStore, wakes: Wakes) -> None:
    async with store.begin() as tx:
        await tx.due(DueKind.CARD, "1", key="incident:1", at=LATER)
        assert wakes.heard == []
    assert wakes.heard == [(DueKind.CARD, "1", "incident:1", LATER)]


async def test_a_store_without_a_waker_waits_for_the_sweep(store: SqlStore) -> None:
    store.waker = None
    async with store.begin() as tx:
        await tx.due(DueKind.CARD, "1", key="incident:1", at=NOW)
    async with store.read() as tx:
        assert await tx.next_due() == NOW


@pytest.mark.parametrize("outer", ["begin", "read"])
@pytest.mark.parametrize("inner", ["begin", "read"])
async def test_transactions_do_not_nest(store: SqlStore, outer: str, inner: str) -> None:
    async with getattr(store, outer)():
        with pytest.raises(RuntimeError, match="open in this task"):
            async with getattr(store, inner)():
                pass
    async with store.begin() as tx:  # and the refusal left nothing behind
        await tx.save_repository(REPOSITORY)


async def test_reading_refuses_to_write(store: SqlStore) -> None:
    async with store.read() as tx:
        with pytest.raises(RuntimeError, match="only reads"):
            await tx.save_repository(REPOSITORY)


async def test_writers_take_turns(store: SqlStore) -> None:
    """Each reads what the one before wrote; none is refused because another is at work."""

    async def add_one() -> None:
        async with store.begin() as tx:
            await tx.lock_lane(LANE)
            known = await tx.repository(REPOSITORY.id)
            count = int(known.full_name) if known else 0
            await asyncio.sleep(0)
            await tx.save_repository(_named(str(count + 1)))

    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(add_one())

    async with store.read() as tx:
        assert await tx.repository(REPOSITORY.id) == _named("20")


def _named(name: str) -> Repository:
    return replace(REPOSITORY, full_name=name)


async def test_a_child_task_may_begin_its_own(store: SqlStore) -> None:
    """Only the same task would wait for itself for ever."""

    async def child() -> None:
        async with store.begin() as tx:
            await tx.save_repository(REPOSITORY)

    async with store.begin() as tx:
        task = asyncio.create_task(child())
        await tx.next_due()
    await task
    async with store.read() as tx:
        assert await tx.repository(REPOSITORY.id) == REPOSITORY


async def test_a_cancelled_writer_frees_the_next(store: SqlStore) -> None:
    entered = asyncio.Event()

    async def hang() -> None:
        async with store.begin() as tx:
            await tx.save_repository(REPOSITORY)
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with store.begin() as tx:
        assert await tx.repositories() == []


async def test_times_keep_their_microseconds_and_zone(store: SqlStore) -> None:
    async with store.begin() as tx:
        await tx.save_repository(REPOSITORY)
    async with store.read() as tx:
        known = await tx.repository(REPOSITORY.id)
    assert known
    assert known.updated_at == NOW
    assert known.updated_at.tzinfo is NOW.tzinfo
    assert known.updated_at.microsecond == 123456


async def test_a_time_without_zone_is_refused(store: SqlStore) -> None:
    with pytest.raises(Exception, match="needs its zone"):
        async with store.begin() as tx:
            await tx.due(DueKind.CARD, "1", key=ANA.key, at=NOW.replace(tzinfo=None))
