"""One count of what GitHub may be asked, whoever asks it, and whatever crashes in between."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapters.storage.store import SqlStore
from bot.ports.running import Budget
from tests.payload_parts import NOON

WINDOW = timedelta(seconds=10)
NONE = timedelta(0)
TOLD = Budget(remaining=4_000, total=5_000, resets_at=NOON + timedelta(minutes=30))


async def taken(
    store: SqlStore, *, after: float = 0, points: int = 20, name: str = "github token"
) -> timedelta:
    async with store.begin() as tx:
        return await tx.take_points(
            name, points=points, most=60, window=WINDOW, now=NOON + timedelta(seconds=after)
        )


async def kept(store: SqlStore, *budgets: Budget) -> Budget:
    for budget in budgets:
        async with store.begin() as tx:
            await tx.save_budget("github token", budget)
    async with store.read() as tx:
        return await tx.budget("github token")


async def test_a_window_gives_so_much_and_no_more(store: SqlStore) -> None:
    waits = [await taken(store, after=at) for at in (0, 1, 2, 4)]
    assert waits == [NONE, NONE, NONE, timedelta(seconds=6)]


async def test_what_is_refused_is_not_counted(store: SqlStore) -> None:
    await taken(store, points=50)
    assert await taken(store, points=20) > NONE
    assert await taken(store, points=10) == NONE


async def test_the_next_window_begins_anew(store: SqlStore) -> None:
    await taken(store, points=60)
    assert await taken(store, after=10) == NONE
    assert await taken(store, after=19, points=41) == timedelta(seconds=1)


async def test_each_name_has_its_own(store: SqlStore) -> None:
    await taken(store, points=60)
    assert await taken(store, points=60, name="github installation 7") == NONE


async def test_a_clock_a_little_ahead_shares_its_window(store: SqlStore) -> None:
    """Two machines, one some seconds ahead, must not get twice the points."""
    await taken(store, after=11, points=50)
    assert await taken(store, after=9, points=20) == timedelta(seconds=1)


async def test_a_clock_that_was_set_back_does_not_stop_us(store: SqlStore) -> None:
    await taken(store, after=3_600, points=60)
    assert await taken(store, points=60) == NONE


async def test_nothing_is_known_at_first(store: SqlStore) -> None:
    assert await kept(store) == Budget()
    await taken(store)
    assert await kept(store) == Budget()


async def test_what_github_said_is_kept(store: SqlStore) -> None:
    assert await kept(store, TOLD) == TOLD
    await taken(store)
    assert await kept(store) == TOLD


LATER = NOON + timedelta(minutes=90)


@pytest.mark.parametrize(
    ("then", "left"),
    [
        pytest.param(replace(TOLD, remaining=3_990), 3_990, id="less-is-newer"),
        pytest.param(replace(TOLD, remaining=4_010), 4_000, id="more-is-older"),
        pytest.param(replace(TOLD, remaining=5_000, resets_at=LATER), 5_000, id="a-new-hour"),
        pytest.param(
            replace(TOLD, remaining=3, resets_at=NOON - timedelta(minutes=30)), 4_000, id="past"
        ),
        pytest.param(Budget(quiet_until=LATER), 4_000, id="only-silence"),
    ],
)
async def test_reports_come_in_any_order(store: SqlStore, then: Budget, left: int) -> None:
    found = await kept(store, TOLD, then)
    assert (found.remaining, found.total) == (left, 5_000)
    assert found.resets_at == max(filter(None, (TOLD.resets_at, then.resets_at)))


async def test_the_longer_silence_wins(store: SqlStore) -> None:
    silences = [Budget(quiet_until=LATER), Budget(quiet_until=NOON), TOLD]
    assert (await kept(store, *silences)).quiet_until == LATER
