"""What a read costs must not grow with the past: PostgreSQL finds each row by an index, too."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text

from bot.adapters.storage.store import SqlStore
from tests.contract.test_store_plans import READS

# All repositories are asked for, times without hearing are few, and the indexes hold only what
# is open or waits.
SMALL = frozenset({"repository", "blind"})
PARTIAL = frozenset({"uq_incident_open", "ix_attempt_unplaced", "ix_due_set_aside"})

Plan = dict[str, Any]


@pytest.fixture
async def store(postgres: str) -> AsyncIterator[SqlStore]:
    async with SqlStore(postgres) as store:
        yield store


@pytest.mark.parametrize("read", READS)
async def test_rows_are_searched_and_not_scanned(store: SqlStore, read: str) -> None:
    with explained() as plans:
        async with store.begin() as tx:
            for whole in ("seqscan", "hashjoin", "mergejoin"):
                # Of tables without rows the planner would rather read all.
                await tx.connection.execute(text(f"SET LOCAL enable_{whole} = off"))
            await READS[read](tx)
    assert plans
    assert set().union(*(scanned(plan) for plan in plans)) <= SMALL


def scanned(plan: Plan, *, first_rows: bool = False) -> set[str]:
    """Return the tables of which all rows are read."""
    whole = "Seq Scan" in plan["Node Type"] or (
        plan["Node Type"] in ("Index Scan", "Index Only Scan", "Bitmap Index Scan")
        and "Index Cond" not in plan
        and plan["Index Name"] not in PARTIAL
        and not first_rows
    )
    found = {plan.get("Relation Name") or plan["Index Name"]} if whole else set()
    limited = plan["Node Type"] == "Limit" or (first_rows and plan["Node Type"] == "LockRows")
    for part in plan.get("Plans", ()):
        found |= scanned(part, first_rows=limited)
    return found


@contextmanager
def explained() -> Iterator[list[Plan]]:
    """Ask PostgreSQL how it carries out each statement."""
    plans: list[Plan] = []

    def explain(
        connection: Connection,
        _cursor: object,
        statement: str,
        parameters: dict[str, object],
        *_: object,
    ) -> None:
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            told = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
            plans.extend(each["Plan"] for each in told.scalar_one())

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        event.remove(Engine, "before_cursor_execute", explain)
