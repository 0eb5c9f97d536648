"""What a read costs must not grow with the past: SQLite says how it looks each row up."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, Engine, event

from bot.adapters.storage.store import SqlStore
from bot.adapters.storage.transaction import Transaction
from bot.domain.ids import CardId, DeliveryId, IncidentId, LaneId, NoticeId, PressId, RetryId
from bot.domain.work import DueKind
from bot.ports.hearing import Blind
from tests.contract.made import HERE, LANE, NOW, REPO, RUN

# All repositories are asked for, or it is the result of a subquery with a limit in rows or days.
SMALL = frozenset({"blind", "repository", "green", "hit", "anon_1"})

READS: dict[str, Callable[[Transaction], Awaitable[object]]] = {
    "claim": lambda tx: tx.claim(DueKind.CARD, "1", now=NOW, lease=NOW - NOW),
    "due_now": lambda tx: tx.due_now(NOW, limit=9),
    "due_soon": lambda tx: tx.due_soon(NOW, until=NOW, limit=9),
    "next_due": lambda tx: tx.next_due(),
    "delivery": lambda tx: tx.delivery(DeliveryId("1")),
    "repositories": lambda tx: tx.repositories(),
    "ref_kind": lambda tx: tx.ref_kind(REPO, "main"),
    "lock_lane": lambda tx: tx.lock_lane(LANE),
    "lane_of_run": lambda tx: tx.lane_of_run(RUN.id),
    "save_run": lambda tx: tx.save_run(RUN),
    "place_run": lambda tx: tx.place_run(RUN.id, LaneId(1)),
    "run": lambda tx: tx.run(RUN.id),
    "runs_of_lane": lambda tx: tx.runs_of_lane(LaneId(1), runs=50),
    "unplaced_runs": lambda tx: tx.unplaced_runs(REPO, "main"),
    "newest_runs": lambda tx: tx.newest_runs(REPO, branch="main"),
    "jobs": lambda tx: tx.jobs(RUN.id, 1),
    "tolerated": lambda tx: tx.tolerated(LaneId(1), ["build"]),
    "incident": lambda tx: tx.incident(IncidentId(1)),
    "lane_incident": lambda tx: tx.lane_incident(LaneId(1)),
    "open_incidents": lambda tx: tx.open_incidents(),
    "timeline": lambda tx: tx.timeline(IncidentId(1), after=3),
    "diagnoses": lambda tx: tx.diagnoses(RUN.id, 1),
    "undiagnosed": lambda tx: tx.undiagnosed(None),
    "history": lambda tx: tx.history(REPO, "oom", since=NOW),
    "sketch": lambda tx: tx.sketch(LaneId(1), "build"),
    "fingerprints_on": lambda tx: tx.fingerprints_on(REPO, "1a2b3c4", apart_from=(RUN.id, 1)),
    "retry": lambda tx: tx.retry(RetryId(1)),
    "live_retry": lambda tx: tx.live_retry(RUN.id, 1),
    "retries": lambda tx: tx.retries(IncidentId(1)),
    "card": lambda tx: tx.card(CardId(1)),
    "cards": lambda tx: tx.cards(IncidentId(1)),
    "fresh_cards": lambda tx: tx.fresh_cards(HERE, since=NOW, most=11),
    "cards_waiting": lambda tx: tx.cards_waiting(most=30),
    "notice": lambda tx: tx.notice(NoticeId(1)),
    "gathering": lambda tx: tx.gathering(HERE),
    "tallies": lambda tx: tx.tallies(NoticeId(1)),
    "gathered": lambda tx: tx.gathered(NoticeId(1), most=15),
    "held_cards": lambda tx: tx.held_cards(NoticeId(1), most=10),
    "card_at": lambda tx: tx.card_at(HERE, "171.5"),
    "cursor": lambda tx: tx.cursor("life"),
    "cursors": lambda tx: tx.cursors("runs:"),
    "blinds": lambda tx: tx.blinds(since=NOW),
    "recovered": lambda tx: tx.recovered(Blind(id=1, source="life", since=NOW, until=NOW)),
    "stored": lambda tx: tx.stored([DeliveryId("1")]),
    "retold_waits": lambda tx: tx.retold_waits(since=NOW),
    "known_runs": lambda tx: tx.known_runs([RUN.id]),
    "unfinished_runs": lambda tx: tx.unfinished_runs(before=NOW, most=9),
    "press": lambda tx: tx.press(PressId("1")),
}


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    async with SqlStore("sqlite://") as store:
        yield store


@pytest.mark.parametrize("read", READS)
async def test_rows_are_searched_and_not_scanned(store: SqlStore, read: str) -> None:
    with explained() as plans:
        async with store.begin() as tx:
            await READS[read](tx)
    assert plans
    scanned = {plan.split()[1] for plan in plans if plan.startswith("SCAN") and not is_open(plan)}
    assert scanned <= SMALL


def is_open(plan: str) -> bool:
    """Whether only what a partial index holds is scanned."""
    return plan.endswith("USING INDEX uq_incident_open")


@contextmanager
def explained() -> Iterator[list[str]]:
    """Ask SQLite how it carries out each statement."""
    plans: list[str] = []

    def explain(
        connection: Connection,
        _cursor: object,
        statement: str,
        parameters: tuple[object, ...],
        *_: object,
    ) -> None:
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in plan)

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        event.remove(Engine, "before_cursor_execute", explain)
