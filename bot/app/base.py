"""What a process stands on: its door, its database, and its place among the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from bot.adapters.clock import SystemClock
from bot.adapters.storage.alone import hold_alone
from bot.adapters.storage.store import Apart, SqlStore
from bot.adapters.web.door import Door
from bot.adapters.web.server import serving
from bot.app.crew import Crew
from bot.app.metrics import Metrics
from bot.app.presence import Presence, new_process
from bot.config.environment import Environment
from bot.domain.errors import TransientError
from bot.ports.clock import Clock
from bot.ports.running import Process

log = structlog.get_logger()

DATABASE_AGAIN: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    env: Environment
    clock: Clock
    process: Process
    store: SqlStore
    presence: Presence
    metrics: Metrics
    crew: Crew
    door: Door
    url: str
    """Where the door is."""


@asynccontextmanager
async def open_base(env: Environment) -> AsyncIterator[Base]:
    """Hold the database, open the door, and wait until the database answers.

    Until then the door says that we live and are not ready.

    Raises:
        PermanentError: The database is held by another, or the address is taken.
    """
    clock, door = SystemClock(), Door()
    process = new_process(env.roles, clock)
    store = SqlStore(env.database_url, process=process.id)
    async with AsyncExitStack() as stack:
        if store.file is not None:
            stack.enter_context(hold_alone(store.file))
        app = door.application()
        url = await stack.enter_async_context(serving(app, host=env.host, port=env.port))
        await _open(store)
        stack.push_async_callback(store.close)
        if store.file is not None:
            async with store.begin() as tx:  # nobody else lives, so no claim is anybody's
                await tx.free_claims(now=clock.now())
        presence = Presence(Apart(store), process, alone=not store.is_shared)
        store.guard = presence.guard
        yield Base(
            env=env,
            clock=clock,
            process=process,
            store=store,
            presence=presence,
            metrics=Metrics(process),
            crew=Crew(),
            door=door,
            url=url,
        )


async def _open(store: SqlStore) -> None:
    """Wait for a database that is away: it may be starting, as we are."""
    told = ""
    while True:
        try:
            return await store.open()
        except TransientError as error:
            if str(error) != told:
                log.error("database_away", why=str(error))
            told = str(error)
        await asyncio.sleep(DATABASE_AGAIN.total_seconds())
