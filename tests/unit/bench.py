"""A worker with one kind of work, on the real store in memory and a clock moved by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.adapters.storage.store import SqlStore
from bot.adapters.storage.transaction import Transaction
from bot.domain.work import Due, DueKind, Queue
from bot.ports.waker import EVERY_QUEUE, Handle
from bot.worker import Worker
from tests.unit.made import NOON

CARD = DueKind.CARD


@dataclass
class HandClock:
    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def pass_(self, time: timedelta) -> None:
        self.at += time


@dataclass
class Wakes:
    heard: list[tuple[DueKind, str, str]] = field(default_factory=list)
    times: list[datetime | None] = field(default_factory=list)

    def wake(self, kind: DueKind, id: str, *, key: str, at: datetime | None = None) -> None:
        self.heard.append((kind, id, key))
        self.times.append(at)

    async def run(self, handle: Handle, queues: frozenset[Queue] = EVERY_QUEUE) -> None:
        del handle, queues
        await asyncio.Event().wait()


@dataclass
class Service:
    """Does due rows: fails, or says when to be called again, as it was told to."""

    outcomes: list[Exception | datetime | None] = field(default_factory=list)
    did: list[Due] = field(default_factory=list)
    meanwhile: "Bench | None" = None
    """Where a new wish for the same row comes in while it is being done."""

    async def __call__(self, due: Due) -> datetime | None:
        self.did.append(due)
        if self.meanwhile:
            await self.meanwhile.want(due.id)
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@dataclass
class FaultyStore:
    """The real store, that can't be reached the next times."""

    real: SqlStore
    faults: int = 0
    fault: Exception = field(default_factory=lambda: OSError("disk I/O error"))

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        self._fail()
        async with self.real.begin() as tx:
            yield tx

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        self._fail()
        async with self.real.read() as tx:
            yield tx

    def _fail(self) -> None:
        if self.faults:
            self.faults -= 1
            raise self.fault


@dataclass
class Bench:
    """A worker with one kind of work."""

    store: SqlStore
    faulty: FaultyStore
    worker: Worker
    service: Service
    clock: HandClock
    wakes: Wakes

    async def want(self, id: str = "1", *, at: datetime | None = None) -> None:
        async with self.store.begin() as tx:
            await tx.due(CARD, id, key=f"card:{id}", at=at or self.clock.now())

    async def work(self) -> None:
        await self.worker.handle(CARD, "1")

    async def next_due(self) -> datetime | None:
        async with self.store.read() as tx:
            return await tx.next_due()

    async def due_in(self) -> timedelta:
        """Return how long the only row still waits."""
        at = await self.next_due()
        assert at is not None
        return at - self.clock.now()
