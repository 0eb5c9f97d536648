"""Many claims and outcomes in one commit: each gets its own answer, whatever befalls the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.adapters.storage.store import SqlStore
from bot.adapters.storage.transaction import Transaction
from bot.domain.errors import TransientError
from bot.domain.work import Due
from bot.ledger import MOST_RECORDS, Ledger
from bot.ports.rows import DueRows
from tests.unit.bench import CARD
from tests.unit.made import NOON

LEASE = timedelta(minutes=5)


@dataclass
class CountingStore:
    """The real store; it counts commits, and can be away."""

    real: SqlStore
    commits: int = 0
    away: bool = False

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        if self.away:
            msg = "The database is away."
            raise TransientError(msg)
        async with self.real.begin() as tx:
            yield tx
        self.commits += 1

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        async with self.real.read() as tx:
            yield tx


@pytest.fixture
async def store() -> AsyncIterator[CountingStore]:
    async with SqlStore("sqlite://") as real:
        async with real.begin() as tx:
            for number in range(MOST_RECORDS + 1):
                await tx.due(CARD, str(number), key="card", at=NOON)
        yield CountingStore(real)


async def claim(ledger: Ledger, number: int) -> Due | None:
    return await ledger.write(lambda tx: tx.claim(CARD, str(number), now=NOON, lease=LEASE))


async def test_who_comes_together_shares_a_commit(store: CountingStore) -> None:
    ledger = Ledger(store)
    dues = await asyncio.gather(*(claim(ledger, number) for number in range(10)))

    assert [due.id for due in dues if due] == [str(number) for number in range(10)]
    assert store.commits == 1


async def test_a_commit_is_bounded(store: CountingStore) -> None:
    ledger = Ledger(store)
    await asyncio.gather(*(claim(ledger, number) for number in range(MOST_RECORDS + 1)))

    assert store.commits == 2


async def test_several_processes_commit_each_by_itself(store: CountingStore) -> None:
    ledger = Ledger(store, shared=False)
    await asyncio.gather(*(claim(ledger, number) for number in range(10)))

    assert store.commits == 10


async def test_one_that_breaks_does_not_break_the_others(store: CountingStore) -> None:
    async def broken(_tx: DueRows) -> None:
        raise LookupError

    ledger = Ledger(store)
    first, second, third = await asyncio.gather(
        claim(ledger, 1), ledger.write(broken), claim(ledger, 2), return_exceptions=True
    )

    assert isinstance(first, Due)
    assert isinstance(second, LookupError)
    assert isinstance(third, Due)


async def test_a_database_that_is_away_is_told_to_all(store: CountingStore) -> None:
    ledger = Ledger(store)
    store.away = True
    told = await asyncio.gather(claim(ledger, 1), claim(ledger, 2), return_exceptions=True)
    assert [type(error) for error in told] == [TransientError, TransientError]

    store.away = False
    assert await claim(ledger, 1) is not None


async def test_one_that_is_cancelled_does_not_take_the_others_with_it(store: CountingStore) -> None:
    ledger = Ledger(store)
    first = asyncio.create_task(claim(ledger, 1))
    second = asyncio.create_task(claim(ledger, 2))
    await asyncio.sleep(0)
    first.cancel()

    assert await second is not None
    assert first.cancelled()
    assert await claim(ledger, 1) is not None  # it was not claimed for nobody


async def test_what_was_begun_is_written_before_it_closes(store: CountingStore) -> None:
    ledger = Ledger(store)
    claiming = asyncio.create_task(claim(ledger, 1))
    await asyncio.sleep(0)
    await ledger.close()

    assert store.commits == 1
    assert await claiming is not None
