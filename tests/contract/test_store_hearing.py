"""Rows about how far we have heard: cursors, blind times, and what was recovered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapters.storage.store import SqlStore
from bot.domain.events import Delivery
from bot.domain.ids import DeliveryId, RepoId, RunId
from bot.domain.run import Conclusion, Run, Status
from bot.ports.hearing import Blind, Cursor, Recovered
from tests.contract.made import NOW, REPO, RUN

HOUR = timedelta(hours=1)
OTHER = RepoId(REPO + 1)


def ended(id: int, conclusion: Conclusion = Conclusion.FAILURE, **changes: object) -> Run:
    run = replace(RUN, id=RunId(id), status=Status.COMPLETED, conclusion=conclusion, updated_at=NOW)
    return replace(run, **changes)  # type: ignore[arg-type] # fields of a run


async def test_a_cursor_is_kept_by_its_name(store: SqlStore) -> None:
    first = Cursor(name="runs:1", heard_until=NOW)
    moved = replace(first, heard_until=NOW + HOUR, asked_at=NOW + HOUR, etag='W/"1"')
    async with store.begin() as tx:
        assert await tx.cursor("runs:1") is None
        for cursor in (
            first,
            moved,
            Cursor(name="runs:2", heard_until=NOW),
            Cursor(name="hook:app", heard_until=NOW),
        ):
            await tx.save_cursor(cursor)
    async with store.read() as tx:
        assert await tx.cursor("runs:1") == moved
        assert {one.name for one in await tx.cursors("runs:")} == {"runs:1", "runs:2"}


async def test_a_source_is_blind_once_until_it_ends(store: SqlStore) -> None:
    async with store.begin() as tx:
        blind = await tx.open_blind("life", since=NOW)
        assert await tx.open_blind("life", since=NOW + HOUR) == blind
        other = await tx.open_blind("hook:app", since=NOW)
        await tx.save_blind(replace(blind, until=NOW + HOUR, runs=7, failures=1, said_at=NOW))
        assert await tx.blinds(since=NOW + 2 * HOUR) == [other]
        # The same one again, as two processes that start at once would open it.
        again = await tx.open_blind("life", since=NOW)
        assert (again.id, again.runs) == (blind.id, 7)
        assert (await tx.open_blind("life", since=NOW + HOUR)).id != blind.id
    async with store.read() as tx:
        assert (await tx.blind(blind.id)) == again
        assert await tx.blind(99) is None


@pytest.mark.parametrize(
    ("run", "late_at", "counted"),
    [
        pytest.param(ended(1), NOW + HOUR, True, id="heard-afterwards"),
        pytest.param(ended(1), None, False, id="heard-at-once"),
        pytest.param(ended(1), NOW + timedelta(minutes=20), False, id="heard-meanwhile"),
        pytest.param(ended(1, updated_at=NOW - HOUR), NOW + HOUR, False, id="before"),
        pytest.param(ended(1, updated_at=NOW + HOUR), NOW + 2 * HOUR, False, id="after"),
        pytest.param(ended(1, Conclusion.SKIPPED), NOW + HOUR, False, id="skipped"),
    ],
)
async def test_what_ended_in_a_blind_time_and_was_heard_after_it_counts(
    store: SqlStore,
    run: Run,
    late_at: object,
    counted: bool,  # noqa: FBT001 - a row of the table
) -> None:
    blind = Blind(id=1, source="life", since=NOW, until=NOW + HOUR / 2)
    async with store.begin() as tx:
        await tx.save_run(run, late_at=late_at)  # type: ignore[arg-type] # a moment or none
        found = await tx.recovered(blind)
    assert bool(found) is counted


async def test_recovered_runs_are_counted_for_each_repository(store: SqlStore) -> None:
    blind = Blind(id=1, source="life", since=NOW - HOUR, until=NOW + HOUR)
    runs = [
        ended(1),
        ended(2, Conclusion.SUCCESS),
        ended(3, Conclusion.TIMED_OUT),
        ended(4, repo=OTHER),
    ]
    async with store.begin() as tx:
        for run in runs:
            await tx.save_run(replace(run, updated_at=NOW), late_at=NOW + 2 * HOUR)
        found = await tx.recovered(blind)
        assert await tx.recovered(replace(blind, until=None)) == []
    assert sorted(found, key=lambda one: one.repo) == [
        Recovered(repo=REPO, runs=3, failures=2),
        Recovered(repo=OTHER, runs=1, failures=1),
    ]


async def test_an_end_is_late_or_not_by_its_first_telling(store: SqlStore) -> None:
    blind = Blind(id=1, source="life", since=NOW - HOUR, until=NOW + HOUR)
    in_time = ended(1, updated_at=NOW)
    late = ended(2, updated_at=NOW)
    bumped = replace(in_time, updated_at=NOW + timedelta(seconds=1))
    async with store.begin() as tx:
        await tx.save_run(replace(late, status=Status.RUNNING, conclusion=None))
        await tx.save_run(in_time)
        assert await tx.save_run(bumped, late_at=NOW + 2 * HOUR)
        await tx.save_run(late, late_at=NOW + 2 * HOUR)
        (found,) = await tx.recovered(blind)
    assert found.runs == 1


async def test_stored_deliveries_are_known(store: SqlStore) -> None:
    ids = [DeliveryId(f"d{number}") for number in range(1_200)]
    delivery = Delivery(id=ids[7], event="ping", repo=None, received_at=NOW, body=b"{}")
    async with store.begin() as tx:
        assert await tx.take_in([]) == set()
        await tx.take_in([delivery])
        assert await tx.stored(ids) == {ids[7]}


async def test_what_we_told_ourselves_waits_until_it_was_judged(store: SqlStore) -> None:
    id = DeliveryId("poll-1-1-failure")
    retold = Delivery(id=id, event="workflow_run", repo=REPO, received_at=NOW, body=b"{}")
    others = replace(retold, id=DeliveryId("d1"))
    async with store.begin() as tx:
        await tx.take_in([others])
        assert not await tx.retold_waits(since=NOW)
        await tx.take_in([retold])
        assert await tx.retold_waits(since=NOW)
        assert not await tx.retold_waits(since=NOW + HOUR)
        await tx.delivery_done(id, at=NOW, outcome="opened")
        assert not await tx.retold_waits(since=NOW)


async def test_the_newest_attempt_of_each_run_is_known(store: SqlStore) -> None:
    second = ended(1, attempt=2)
    async with store.begin() as tx:
        for run in (ended(1), second, ended(2)):
            await tx.save_run(run)
        known = await tx.known_runs([RunId(1), RunId(3), *map(RunId, range(100, 1_200))])
    assert known == {RunId(1): second}


async def test_unfinished_runs_are_found_while_no_newer_attempt_is_known(store: SqlStore) -> None:
    waiting = replace(RUN, status=Status.QUEUED, conclusion=None)
    mine, other, old = (
        replace(waiting, id=RunId(1)),
        replace(waiting, id=RunId(2), repo=OTHER, updated_at=RUN.updated_at + HOUR),
        replace(waiting, id=RunId(3)),
    )
    async with store.begin() as tx:
        for run in (mine, other, old, ended(3, attempt=2), ended(4)):
            await tx.save_run(run)
        before = RUN.updated_at + 2 * HOUR
        assert await tx.unfinished_runs(before=before, most=9) == [other, mine]
        assert await tx.unfinished_runs(before=before, most=1) == [other]
        assert await tx.unfinished_runs(before=before, most=9, repo=REPO) == [mine]
        assert await tx.unfinished_runs(before=RUN.updated_at, most=9) == []
