"""Deliveries and the beat on PostgreSQL, while handlers hold all the connections they may have."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy import text

from bot.adapters.clock import SystemClock
from bot.adapters.storage.intake import GroupCommit
from bot.adapters.storage.postgresql import POOL, POOL_MORE
from bot.adapters.storage.store import Apart, SqlStore
from bot.app.presence import BEAT_WITHIN, Presence, new_process
from bot.config.values import ALL_ROLES
from bot.ports.finding import Finding
from tests.contract.made import NOW, a_delivery

GITHUB_WAITS = timedelta(seconds=10)


@asynccontextmanager
async def handlers_hold_all(store: SqlStore) -> AsyncIterator[list["asyncio.Task[None]"]]:
    """Leave no connection to one more handler, as when all wait for a row of a frozen process."""
    inside, let_go = asyncio.Semaphore(0), asyncio.Event()

    async def hold() -> None:
        async with store.read():
            inside.release()
            await let_go.wait()

    async with asyncio.TaskGroup() as group:
        holding = [group.create_task(hold()) for _ in range(POOL + POOL_MORE)]
        for _ in holding:
            await inside.acquire()
        yield holding
        let_go.set()


async def test_a_delivery_does_not_queue_behind_handlers(postgres: str) -> None:
    async with SqlStore(postgres) as store, GroupCommit(store) as writer:
        async with handlers_hold_all(store) as holding:
            assert await writer.store(a_delivery())
            assert not any(each.done() for each in holding)
        async with store.read() as tx:
            assert len(await tx.due_now(NOW, limit=9)) == 1


async def test_the_beat_does_not_queue_behind_handlers(postgres: str) -> None:
    async with SqlStore(postgres) as store:
        apart = Apart(store)
        presence = Presence(apart, new_process(ALL_ROLES, SystemClock()), alone=False)

        async def look() -> Mapping[str, Finding]:
            async with apart.read() as tx:
                await tx.overview(NOW)
            return {}

        async with handlers_hold_all(store) as holding:
            await presence.beat(look)
            assert not any(each.done() for each in holding)
        assert (presence.alive.held, presence.trouble) == (True, "")


async def test_rows_of_a_frozen_process_are_free_before_anybody_gives_up(postgres: str) -> None:
    async with SqlStore(postgres) as store:
        for door in (store.read, Apart(store).begin):
            async with door() as tx:
                for name in ("lock_timeout", "idle_in_transaction_session_timeout"):
                    setting = await tx.connection.execute(
                        text("SELECT setting FROM pg_settings WHERE name = :name"), {"name": name}
                    )
                    waits = timedelta(milliseconds=int(setting.scalar_one()))
                    assert timedelta(0) < 2 * waits <= min(BEAT_WITHIN, GITHUB_WAITS), name
