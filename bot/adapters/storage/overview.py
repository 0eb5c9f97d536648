"""Counts over all rows, each from an index or a small table."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, bindparam, case, func, select, type_coerce

from bot.adapters.storage.clock import DATABASE_NOW
from bot.adapters.storage.part import Part
from bot.adapters.storage.tables import (
    BUDGET,
    DELIVERY,
    DUE,
    INCIDENT,
    IS_OPEN,
    IS_SET_ASIDE,
    LEASE,
)
from bot.ports.overview import Overview, OverviewRows, Waiting
from bot.ports.running import Budget


def _count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


_KEPT = DUE.c.set_aside_at.is_(None)
_IS_DUE = _KEPT & (DUE.c.due_at <= bindparam("now"))
# A newer program may have written kinds that this one has no word for.
_KIND = type_coerce(DUE.c.kind, String).label("word")
_WAITING: Select[*tuple[Any, ...]] = (
    select(
        _KIND,
        _count_if(_IS_DUE).label("due"),
        _count_if(_KEPT & (DUE.c.due_at > bindparam("now"))).label("later"),
        _count_if(~_KEPT).label("set_aside"),
        func.min(case((_IS_DUE, DUE.c.due_at))).label("oldest"),
    )
    .group_by(_KIND)
    .order_by(_KIND)
)
_NOW = select(DATABASE_NOW.label("now"))
_LEASES = select(LEASE.c.name, LEASE.c.process).where(LEASE.c.until > DATABASE_NOW)
_SET_ASIDE = select(func.count().label("number")).select_from(DELIVERY).where(IS_SET_ASIDE)
_NEWEST = select(func.max(DELIVERY.c.received_at).label("at"))
_OPEN = (
    select(
        func.count().label("number"),
        func.count(INCIDENT.c.unconfirmed_since).label("unconfirmed"),
    )
    .select_from(INCIDENT)
    .where(IS_OPEN)
)
_BUDGETS = select(
    *(BUDGET.c[name] for name in ("name", "remaining", "total", "resets_at", "quiet_until"))
)


class Overviews(Part):
    async def overview(self, now: datetime) -> Overview:
        incidents = await self._counted(_OPEN)
        return Overview(
            now=(await self._counted(_NOW))["now"],
            leaders={row["name"]: row["process"] for row in await self._all(_LEASES)},
            waiting=await self._waiting(now),
            deliveries_set_aside=(await self._counted(_SET_ASIDE))["number"],
            newest_delivery=(await self._counted(_NEWEST))["at"],
            open_incidents=incidents["number"],
            unconfirmed_incidents=incidents["unconfirmed"],
            budgets={
                row["name"]: Budget(
                    remaining=row["remaining"],
                    total=row["total"],
                    resets_at=row["resets_at"],
                    quiet_until=row["quiet_until"],
                )
                for row in await self._all(_BUDGETS)
            },
        )

    async def _waiting(self, now: datetime) -> Sequence[Waiting]:
        return [
            Waiting(
                kind=row["word"],
                due=row["due"],
                later=row["later"],
                set_aside=row["set_aside"],
                oldest=row["oldest"],
            )
            for row in await self._all(_WAITING, now=now)
        ]

    async def _counted(self, select: Any) -> Any:  # noqa: ANN401 - as SQLAlchemy; it has one row
        return await self._one(select)


def _promise(rows: Overviews) -> OverviewRows:
    return rows
