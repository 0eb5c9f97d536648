"""Two processes on one PostgreSQL: what both try at once happens once, and neither hangs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapters.storage.intake import GroupCommit
from bot.adapters.storage.store import SqlStore
from bot.adapters.storage.transaction import Transaction
from bot.domain.errors import TransientError
from bot.domain.ids import NoticeId
from bot.domain.incident import Fact
from bot.domain.work import DueKind
from bot.ports.notices import Notice, NoticeKind
from bot.ports.rows import CardState
from bot.services.holding import release
from tests.contract.conftest import an_incident
from tests.contract.made import HERE, LANE, NOW, OPEN, OTHER_LANE, RETRY, TOLD, a_delivery
from tests.postgres import Postgres

HOUR = timedelta(hours=1)
CARD = DueKind.CARD


@pytest.fixture
async def both(postgres: str) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(SqlStore(postgres, process="one"))
        two = await stack.enter_async_context(SqlStore(postgres, process="two"))
        yield one, two


Both = tuple[SqlStore, SqlStore]


async def at_once(
    both: Both, act: Callable[[Transaction], Awaitable[object]], *, meanwhile: bool = True
) -> list[object]:
    """Let both do it in transactions that overlap; return what each saw."""

    async def one(store: SqlStore) -> object:
        async with store.begin() as tx:
            seen = await act(tx)
            if meanwhile:
                await asyncio.sleep(0.05)  # the other reaches the same rows
        return seen

    return await asyncio.gather(*(one(store) for store in both))


async def test_a_due_row_is_claimed_by_one(both: Both) -> None:
    async with both[0].begin() as tx:
        await tx.due(CARD, "1", key="a", at=NOW)
    claims = await at_once(both, lambda tx: tx.claim(CARD, "1", now=NOW, lease=HOUR))
    assert sorted(claim is None for claim in claims) == [False, True]


async def test_a_lane_is_judged_by_one_after_the_other(both: Both) -> None:
    """The second finds the incident that the first has opened."""

    async def judge(tx: Transaction) -> str:
        lane = await tx.lock_lane(LANE)
        known = await tx.lane_incident(lane)
        if known is None:
            await tx.new_incident(replace(OPEN, lane_id=lane, lane=LANE))
        return "joined" if known else "opened"

    assert sorted(map(str, await at_once(both, judge))) == ["joined", "opened"]


async def test_counting_from_a_locked_row_loses_nothing(both: Both) -> None:
    async with both[0].begin() as tx:
        _, incident = await an_incident(tx, replace(OPEN, streak=0))

    async def count_one(tx: Transaction) -> None:
        known = await tx.incident(incident.id)
        assert known
        await asyncio.sleep(0)
        await tx.save_incident(replace(known, streak=known.streak + 1))

    for _ in range(5):
        await at_once(both, count_one, meanwhile=False)
    async with both[0].read() as tx:
        assert await tx.incident(incident.id) == replace(incident, streak=10)


@pytest.mark.parametrize(
    ("act", "answers"),
    [
        pytest.param(lambda tx, id: tx.want_card(id, HERE), None, id="card"),
        pytest.param(
            lambda tx, id: tx.tell(replace(TOLD, incident=id)), [False, True], id="timeline"
        ),
    ],
)
async def test_what_both_want_exists_once(
    both: Both, act: Callable[[Transaction, object], Awaitable[object]], answers: object
) -> None:
    async with both[0].begin() as tx:
        _, incident = await an_incident(tx)
    first, second = await at_once(both, lambda tx: act(tx, incident.id))
    if answers is None:
        assert first == second
    else:
        assert sorted([first, second], key=bool) == answers


async def test_lines_told_at_once_have_different_numbers(both: Both) -> None:
    async with both[0].begin() as tx:
        _, incident = await an_incident(tx)
    sources = iter(["a", "b"])
    await at_once(
        both, lambda tx: tx.tell(replace(TOLD, incident=incident.id, source=next(sources)))
    )
    async with both[0].read() as tx:
        told = await tx.timeline(incident.id)
    assert [line.seq for line in told] == [1, 2]
    assert {line.source for line in told} == {"a", "b"}
    assert {line.kind for line in told} == {Fact.CAUSE}


async def test_a_card_that_was_released_meanwhile_and_shown_stays_shown(both: Both) -> None:
    """Two people unfold a digest at once; what the first has on the screen is not posted again."""
    one, two = both
    wanted = Notice(
        id=NoticeId(0), kind=NoticeKind.DIGEST, source="noon", place=HERE, opened_at=NOW
    )
    async with one.begin() as tx:
        digest = await tx.want_notice(wanted)
        _, incident = await an_incident(tx)
        card = await tx.want_card(incident.id, HERE)
        await tx.save_card(replace(card, state=CardState.HELD, notice=digest.id))
    async with one.begin() as slow:
        (held,) = await slow.held_cards(digest.id, most=9)
        async with two.begin() as tx:
            await release(tx, held, at=NOW)
            await tx.save_card(replace(held, state=CardState.SHOWN, message="1.1"))
        await release(slow, held, at=NOW)
    async with one.read() as tx:
        shown = await tx.card(card.id)
    assert shown
    assert (shown.state, shown.message) == (CardState.SHOWN, "1.1")


async def test_one_retry_lives(both: Both) -> None:
    async with both[0].begin() as tx:
        _, incident = await an_incident(tx)
    wish = replace(RETRY, incident=incident.id)
    made = await at_once(both, lambda tx: tx.new_retry(wish))
    assert sorted(each is None for each in made) == [False, True]


async def test_one_takes_the_lease(both: Both) -> None:
    names = iter(["one", "two"])
    taken = await at_once(both, lambda tx: tx.take_lease("chat", process=next(names), lasts=HOUR))
    assert sorted(map(bool, taken)) == [False, True]


async def test_the_same_deliveries_at_both_doors_are_stored_once(both: Both) -> None:
    many = [a_delivery(f"d-{number}") for number in range(60)]
    async with GroupCommit(both[0]) as one, GroupCommit(both[1]) as two:
        await asyncio.gather(
            *(one.store(each) for each in many), *(two.store(each) for each in reversed(many))
        )
    async with both[0].read() as tx:
        assert len(await tx.due_now(NOW, limit=999)) == len(many)


async def test_who_waits_for_each_other_is_told_to_try_again(both: Both) -> None:
    """PostgreSQL breaks a deadlock up after a second; who loses comes again."""
    met = asyncio.Barrier(2)

    async def lock(store: SqlStore, *lanes: object) -> str:
        try:
            async with store.begin() as tx:
                await tx.lock_lane(LANE if lanes[0] == 0 else OTHER_LANE)
                await met.wait()
                await tx.lock_lane(OTHER_LANE if lanes[0] == 0 else LANE)
        except TransientError:
            return "again"
        return "done"

    async with both[0].begin() as tx:
        await tx.lock_lane(LANE)
        await tx.lock_lane(OTHER_LANE)
    ends = await asyncio.gather(lock(both[0], 0), lock(both[1], 1))
    assert sorted(ends) == ["again", "done"]


async def test_two_start_at_once_on_an_empty_database(bare_postgres: str) -> None:
    stores = [SqlStore(bare_postgres) for _ in range(3)]
    await asyncio.gather(*(store.open() for store in stores))
    for store in stores:
        async with store.read() as tx:
            assert await tx.repositories() == []
        await store.close()


async def test_a_restarted_server_is_survived(postgres_server: Postgres, postgres: str) -> None:
    async with SqlStore(postgres) as store:
        async with store.begin() as tx:
            await tx.due(CARD, "1", key="a", at=NOW)
        postgres_server.stop()
        for door in (store.begin, store.read):
            with pytest.raises(TransientError, match="database can't be used") as told:
                async with door():
                    pass
            assert "secret" not in str(told.value)
        postgres_server.start()
        async with store.read() as tx:
            assert await tx.next_due() == NOW
        await _idle_connections_break(postgres_server, store)


async def _idle_connections_break(server: Postgres, store: SqlStore) -> None:
    """A connection that broke while nobody used it is found out, and nobody is told."""
    server.stop()
    server.start()
    async with store.begin() as tx:
        assert await tx.next_due() == NOW


async def test_a_server_that_goes_in_the_middle_undoes_all(
    postgres_server: Postgres, postgres: str
) -> None:
    async def wish_while_it_restarts() -> None:
        async with store.begin() as tx:
            await tx.due(CARD, "1", key="a", at=NOW)
            postgres_server.stop()
            postgres_server.start()
            await tx.next_due()

    async with SqlStore(postgres) as store:
        with pytest.raises(TransientError):
            await wish_while_it_restarts()
        async with store.read() as tx:
            assert await tx.next_due() is None
