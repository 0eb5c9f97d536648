"""What an operator sees at a glance, counted over all rows."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text

from bot.adapters.storage.store import SqlStore
from bot.domain.events import Delivery
from bot.domain.ids import DeliveryId
from bot.domain.work import DueKind
from bot.ports.overview import Overview, Waiting
from bot.ports.running import Budget
from tests.contract.conftest import an_incident
from tests.contract.made import LANE, LATER, NOW, OPEN, OTHER_LANE, SOON

MINUTE = timedelta(minutes=1)


async def seen(store: SqlStore) -> Overview:
    async with store.read() as tx:
        return await tx.overview(NOW)


async def test_nothing_at_all(store: SqlStore) -> None:
    found = await seen(store)

    assert found == Overview(now=found.now, waiting=[])


async def test_due_rows_are_counted_by_kind(store: SqlStore) -> None:
    async with store.begin() as tx:
        await tx.due(DueKind.CARD, "1", key="card:1", at=NOW - MINUTE)
        await tx.due(DueKind.CARD, "2", key="card:2", at=NOW)
        await tx.due(DueKind.CARD, "3", key="card:3", at=LATER)
        await tx.due(DueKind.WATCH, "4", key="incident:4", at=LATER)
        await tx.due(DueKind.CARD, "5", key="card:5", at=NOW - MINUTE * 9)
        broken = await tx.claim(DueKind.CARD, "5", now=NOW, lease=timedelta(0))
        assert broken
        await tx.set_aside(broken, "KeyError: 'x'", at=NOW)

    assert (await seen(store)).waiting == [
        Waiting(kind="card", due=2, later=1, set_aside=1, oldest=NOW - MINUTE),
        Waiting(kind="watch", due=0, later=1, set_aside=0, oldest=None),
    ]


async def test_kinds_of_a_newer_program_are_counted_too(store: SqlStore) -> None:
    async with store.begin() as tx:
        await tx.due(DueKind.CARD, "1", key="card:1", at=NOW)
        await tx.connection.execute(text("UPDATE due SET kind = 'forecast'"))

    (waiting,) = (await seen(store)).waiting
    assert (waiting.kind, waiting.due) == ("forecast", 1)


async def test_deliveries_incidents_and_budgets(store: SqlStore) -> None:
    told = Delivery(
        id=DeliveryId("a"), event="workflow_run", repo=None, received_at=NOW, body=b"{}"
    )
    budget = Budget(remaining=4_200, total=5_000, resets_at=LATER)
    async with store.begin() as tx:
        await tx.take_in([told, replace(told, id=DeliveryId("b"), received_at=SOON)])
        await tx.delivery_set_aside(told.id, error="it can't be read", at=NOW)
        await an_incident(tx, replace(OPEN, unconfirmed_since=NOW), lane=LANE)
        await an_incident(tx, replace(OPEN, unconfirmed_since=None), lane=OTHER_LANE)
        await tx.save_budget("github token", budget)

    found = await seen(store)
    assert (found.newest_delivery, found.deliveries_set_aside) == (SOON, 1)
    assert (found.open_incidents, found.unconfirmed_incidents) == (2, 1)
    assert found.budgets == {"github token": budget}


async def test_a_lease_that_is_over_names_no_leader(store: SqlStore) -> None:
    async with store.begin() as tx:
        await tx.take_lease("chat", process="one", lasts=MINUTE)
        await tx.take_lease("past", process="one", lasts=-MINUTE)

    assert (await seen(store)).leaders == {"chat": "one"}
