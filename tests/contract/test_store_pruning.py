"""Pruning: what only the past needed goes, and never what is open, due, kept or judged by."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.adapters.storage.store import SqlStore
from bot.adapters.storage.transaction import Transaction
from bot.domain.ids import JobId, NoticeId, PressId, RunId
from bot.domain.incident import Ending
from bot.domain.lane import Lane
from bot.domain.retry import RetryState
from bot.domain.run import Run, Status
from bot.domain.work import DueKind
from bot.ports.notices import Notice, NoticeKind, NoticeState
from bot.ports.pruning import KEPT_RUNS, Prunable
from bot.ports.rows import CardState
from bot.services.judging import HISTORY_RUNS
from tests.contract.conftest import an_incident
from tests.contract.made import (
    BEFORE,
    FOUND,
    HERE,
    JOB,
    LANE,
    LATER,
    NOW,
    OPEN,
    OTHER_LANE,
    PRESS,
    REPO,
    RETRY,
    RUN,
    SOON,
    TOLD,
    a_delivery,
)

HOUR = timedelta(hours=1)
END = NOW + timedelta(days=1)


async def _pruned(store: SqlStore, what: Prunable, *, before: object = END, most: int = 99) -> int:
    async with store.begin() as tx:
        return await tx.prune(what, before=before, most=most)  # type: ignore[arg-type] # a moment


async def _a_done_delivery(tx: Transaction, id: str = "d-1") -> None:
    await tx.take_in([a_delivery(id)])
    await tx.delivery_done(a_delivery(id).id, at=SOON, outcome="triaged")
    await tx.not_due(DueKind.DELIVERY, id)


async def test_old_deliveries_go_a_few_at_a_time(store: SqlStore) -> None:
    async with store.begin() as tx:
        for number in range(5):
            await _a_done_delivery(tx, f"d-{number}")
    assert await _pruned(store, Prunable.DELIVERIES, before=NOW) == 0
    assert await _pruned(store, Prunable.DELIVERIES, most=3) == 3
    assert await _pruned(store, Prunable.DELIVERIES, most=3) == 2
    assert await _pruned(store, Prunable.DELIVERIES, most=3) == 0


async def _never_done(tx: Transaction) -> None:
    await tx.take_in([a_delivery()])
    await tx.not_due(DueKind.DELIVERY, "d-1")


async def _due_again(tx: Transaction) -> None:
    await _a_done_delivery(tx)
    await tx.due(DueKind.DELIVERY, "d-1", key="hook", at=LATER)


async def _set_aside(tx: Transaction) -> None:
    await _a_done_delivery(tx)
    await tx.delivery_set_aside(a_delivery().id, at=SOON, error="KeyError: 'x'")


@pytest.mark.parametrize("make", [_never_done, _due_again, _set_aside])
async def test_a_delivery_stays(
    store: SqlStore, make: Callable[[Transaction], Awaitable[None]]
) -> None:
    async with store.begin() as tx:
        await make(tx)
    assert await _pruned(store, Prunable.DELIVERIES) == 0
    async with store.read() as tx:
        assert await tx.delivery(a_delivery().id)


async def test_deliveries_set_aside_go_when_their_own_time_is_over(store: SqlStore) -> None:
    async with store.begin() as tx:
        await _a_done_delivery(tx, "d-2")
        await _set_aside(tx)
    assert await _pruned(store, Prunable.SET_ASIDE_DELIVERIES) == 1
    async with store.read() as tx:
        assert await tx.delivery(a_delivery("d-1").id) is None
        assert await tx.delivery(a_delivery("d-2").id)


async def test_due_rows_set_aside_go_and_others_stay(store: SqlStore) -> None:
    async with store.begin() as tx:
        for id in ("waits", "claimed", "given up"):
            await tx.due(DueKind.CARD, id, key=id, at=NOW)
        await tx.claim(DueKind.CARD, "claimed", now=NOW, lease=HOUR)
        due = await tx.claim(DueKind.CARD, "given up", now=NOW, lease=HOUR)
        assert due
        await tx.set_aside(due, "KeyError: 'x'", at=NOW)
    assert await _pruned(store, Prunable.SET_ASIDE, before=NOW) == 0
    assert await _pruned(store, Prunable.SET_ASIDE) == 1
    async with store.begin() as tx:
        assert await tx.set_aside_rows() == []
        assert len(await tx.due_now(END, limit=9)) == 2


async def test_presses_go_once_they_are_answered(store: SqlStore) -> None:
    async with store.begin() as tx:
        for name in ("done", "waits", "due"):
            await tx.new_press(replace(PRESS, id=PressId(name)))
        for name in ("done", "due"):
            await tx.press_done(PressId(name), at=SOON, outcome="answered")
        await tx.due(DueKind.PRESS, "due", key="a", at=NOW)
    assert await _pruned(store, Prunable.PRESSES, before=NOW) == 0
    assert await _pruned(store, Prunable.PRESSES) == 1
    async with store.read() as tx:
        assert await tx.press(PressId("done")) is None
        assert await tx.press(PressId("waits"))
        assert await tx.press(PressId("due"))


async def test_notices_go_once_they_are_over_and_hold_nothing(store: SqlStore) -> None:
    over = Notice(
        id=NoticeId(0),
        kind=NoticeKind.BLIND,
        source="1",
        place=HERE,
        opened_at=BEFORE,
        closed_at=NOW,
        state=NoticeState.SHOWN,
    )
    async with store.begin() as tx:
        made = {
            name: await tx.want_notice(replace(over, source=name))
            for name in ("over", "wanted", "holds", "due", "gathers")
        }
        for name, notice in made.items():
            await tx.save_notice(replace(over, id=notice.id, source=name))
        await tx.save_notice(replace(made["wanted"], state=NoticeState.WANTED))
        await tx.save_notice(replace(made["gathers"], closed_at=None, state=NoticeState.SHOWN))
        await tx.due(DueKind.NOTICE, str(made["due"].id), key="a", at=NOW)
        _, incident = await an_incident(tx)
        card = await tx.want_card(incident.id, HERE)
        await tx.save_card(replace(card, state=CardState.HELD, notice=made["holds"].id))
    assert await _pruned(store, Prunable.NOTICES) == 1
    async with store.read() as tx:
        assert [name for name, one in made.items() if not await tx.notice(one.id)] == ["over"]


async def test_an_old_incident_goes_with_all_that_is_its(store: SqlStore) -> None:
    async with store.begin() as tx:
        _, gone = await an_incident(tx)
        await tx.tell(replace(TOLD, incident=gone.id))
        await tx.want_card(gone.id, HERE)
        await tx.new_retry(replace(RETRY, incident=gone.id))
        await tx.save_incident(gone.end(Ending.GREEN, by="itself", at=NOW))
        _, kept = await an_incident(tx, lane=OTHER_LANE)
        await tx.tell(replace(TOLD, incident=kept.id))
    assert await _pruned(store, Prunable.INCIDENTS, before=NOW) == 0
    assert await _pruned(store, Prunable.INCIDENTS) == 1
    async with store.begin() as tx:
        assert await tx.incident(gone.id) is None
        assert await tx.timeline(gone.id) == []
        assert await tx.cards(gone.id) == []
        assert await tx.retries(gone.id) == []
        assert await tx.incident(kept.id) == kept
        assert len(await tx.timeline(kept.id)) == 1
        _, next_one = await an_incident(tx)
        assert next_one.id > kept.id, "people quote these numbers"


@pytest.mark.parametrize("kind", [DueKind.DIAGNOSIS, DueKind.WATCH, DueKind.CARD, DueKind.RETRY])
async def test_an_incident_stays_while_something_of_it_is_due(
    store: SqlStore, kind: DueKind
) -> None:
    async with store.begin() as tx:
        _, incident = await an_incident(tx)
        card = await tx.want_card(incident.id, HERE)
        retry = await tx.new_retry(replace(RETRY, incident=incident.id))
        assert retry
        await tx.save_incident(incident.end(Ending.GREEN, by="itself", at=NOW))
        id = {DueKind.CARD: card.id, DueKind.RETRY: retry.id}.get(kind, incident.id)
        await tx.due(kind, str(id), key="a", at=NOW)
    assert await _pruned(store, Prunable.INCIDENTS) == 0


async def test_an_incident_stays_while_it_is_open_or_its_retry_waits(store: SqlStore) -> None:
    async with store.begin() as tx:
        await an_incident(tx, replace(OPEN, ended_at=NOW))  # red again within a few hours
        _, retried = await an_incident(tx, lane=OTHER_LANE)
        await tx.new_retry(replace(RETRY, incident=retried.id, state=RetryState.WAITING))
        await tx.save_incident(retried.end(Ending.GREEN, by="itself", at=NOW))
    assert await _pruned(store, Prunable.INCIDENTS) == 0


async def _old_run(
    tx: Transaction, number: int, lane: Lane | None = LANE, **changes: object
) -> RunId:
    id = RunId(number)
    run: Run = replace(RUN, id=id, number=number, **changes)  # type: ignore[arg-type] # any field
    await tx.save_run(run)
    await tx.save_job(REPO, replace(JOB, id=JobId(number), run=id))
    await tx.save_diagnosis(replace(FOUND, job=number, run=id))
    if lane:
        await tx.place_run(id, await tx.lock_lane(lane))
    return id


async def _drop_old_runs(store: SqlStore, *, most: int = 999) -> set[int]:
    async with store.read() as tx:
        runs = await tx.old_runs(before=END, most=most)
    async with store.begin() as tx:
        await tx.drop_runs(runs)
    return set(runs)


def test_no_judgement_looks_further_back_than_what_is_kept() -> None:
    assert KEPT_RUNS >= HISTORY_RUNS


async def test_old_runs_go_but_for_the_newest_of_their_lane(store: SqlStore) -> None:
    async with store.begin() as tx:
        for number in range(1, KEPT_RUNS + 6):
            await _old_run(tx, number)
        await tx.save_run(replace(RUN, id=RunId(2), number=2, attempt=2))
    assert len(await _drop_old_runs(store, most=2)) == 2
    await _drop_old_runs(store)
    async with store.read() as tx:
        for number in range(1, 6):
            assert await tx.run(RunId(number)) is None
            assert await tx.jobs(RunId(number), 1) == []
            assert await tx.diagnoses(RunId(number), 1) == []
        lane = await tx.lane_of_run(RunId(6))
        assert lane
        assert len(await tx.runs_of_lane(lane, runs=999)) == KEPT_RUNS
        assert await tx.jobs(RunId(6), 1)
        assert await tx.diagnoses(RunId(6), 1)
    assert await _drop_old_runs(store) == set()


async def test_runs_of_a_lane_with_an_open_incident_stay(store: SqlStore) -> None:
    async with store.begin() as tx:
        for number in range(1, KEPT_RUNS + 6):
            await _old_run(tx, number)
        _, incident = await an_incident(tx)
    assert await _drop_old_runs(store) == set()
    async with store.begin() as tx:
        await tx.save_incident(incident.end(Ending.GREEN, by="itself", at=NOW))
    assert await _drop_old_runs(store) == {1, 2, 3, 4, 5}


async def test_a_run_that_is_young_or_not_final_stays(store: SqlStore) -> None:
    young = END + HOUR
    async with store.begin() as tx:
        await _old_run(tx, 1, status=Status.RUNNING, conclusion=None)
        await _old_run(tx, 2, created_at=young, updated_at=young)
        await _old_run(tx, 3, updated_at=young)
        await _old_run(tx, 4)
        await tx.save_run(replace(RUN, id=RunId(4), number=4, attempt=2, updated_at=young))
        await _old_run(tx, 5)
        for number in range(6, KEPT_RUNS + 6):
            await _old_run(tx, number)
    assert await _drop_old_runs(store) == {5}


async def test_runs_that_never_found_a_lane_go(store: SqlStore) -> None:
    async with store.begin() as tx:
        await _old_run(tx, 1, lane=None)
        await _old_run(tx, 2, lane=None, created_at=END + HOUR, updated_at=END + HOUR)
    assert await _drop_old_runs(store) == {1}


async def test_times_without_hearing_go(store: SqlStore) -> None:
    async with store.begin() as tx:
        over = await tx.open_blind("github", since=BEFORE)
        await tx.save_blind(replace(over, until=NOW))
        lasts = await tx.open_blind("github", since=SOON)
    assert await _pruned(store, Prunable.BLIND, before=NOW) == 0
    assert await _pruned(store, Prunable.BLIND) == 1
    async with store.read() as tx:
        assert await tx.blind(over.id) is None
        assert await tx.blind(lasts.id)
