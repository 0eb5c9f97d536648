"""Deliveries, as they came."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import bindparam, select, update

from bot.adapters.storage.due import WANT
from bot.adapters.storage.part import Part, Wake, loaded
from bot.adapters.storage.tables import DELIVERY
from bot.adapters.storage.upsert import upsert
from bot.domain.events import Delivery
from bot.domain.ids import DeliveryId, RepoId
from bot.domain.work import DueKind
from bot.ports.rows import DeliveryRows

log = structlog.get_logger()

SET_ASIDE: Final = "set aside"

_STORE = upsert(DELIVERY, keys=("id",), returning=(DELIVERY.c.id,))
_KNOWN = select(DELIVERY.c.id, DELIVERY.c.body, DELIVERY.c.done_at).where(
    DELIVERY.c.id.in_(bindparam("ids", expanding=True))
)
_ONE = select(
    DELIVERY.c.id, DELIVERY.c.event, DELIVERY.c.repo, DELIVERY.c.received_at, DELIVERY.c.body
).where(DELIVERY.c.id == bindparam("of_id"))
_END = (
    update(DELIVERY)
    .where(DELIVERY.c.id == bindparam("of_id"))
    .values(done_at=bindparam("at"), outcome=bindparam("words"), error=bindparam("why"))
)


class Deliveries(Part):
    async def take_in(self, deliveries: Sequence[Delivery]) -> set[DeliveryId]:
        """Store many at once and make due what was never processed; return which are new."""
        each: dict[DeliveryId, Delivery] = {}
        # In one order, since another door may store the same ones at the same time.
        for delivery in sorted(deliveries, key=lambda one: one.id):
            each.setdefault(delivery.id, delivery)
        if not each:
            return set()
        stored = await self._write(_STORE, [row_of_delivery(one) for one in each.values()])
        new = set(stored.scalars())
        waiting = {id for id in new if not each[id].settled}
        if len(new) < len(each):
            waiting |= await self._known([one for id, one in each.items() if id not in new])
        await self._make_due([one for id, one in each.items() if id in waiting])
        return new

    async def _known(self, deliveries: Collection[Delivery]) -> set[DeliveryId]:
        """Return those that were never processed; the body that came first is kept."""
        rows = await self._all(_KNOWN, ids=[delivery.id for delivery in deliveries])
        known = {row["id"]: row for row in rows}
        for delivery in deliveries:
            if known[delivery.id]["body"] != delivery.body:
                log.warning("delivery_id_reused", id=delivery.id, github_event=delivery.event)
        return {id for id, row in known.items() if row["done_at"] is None}

    async def _make_due(self, deliveries: Collection[Delivery]) -> None:
        wakes = [wake_for(delivery) for delivery in deliveries]
        if wakes:
            await self._write(WANT, [wake.row for wake in wakes])
        self.wakes += wakes

    async def delivery(self, id: DeliveryId) -> Delivery | None:
        row = await self._one(_ONE, of_id=id)
        return loaded(Delivery, row) if row else None

    async def delivery_done(self, id: DeliveryId, *, at: datetime, outcome: str) -> None:
        await self._write(_END, {"of_id": id, "at": at, "words": outcome, "why": None})

    async def delivery_set_aside(self, id: DeliveryId, *, at: datetime, error: str) -> None:
        await self._write(_END, {"of_id": id, "at": at, "words": SET_ASIDE, "why": error})


def row_of_delivery(delivery: Delivery) -> Mapping[str, Any]:
    """Return all columns that a new delivery fills."""
    return {
        "id": delivery.id,
        "event": delivery.event,
        "repo": delivery.repo,
        "received_at": delivery.received_at,
        "body": delivery.body,
        "done_at": delivery.received_at if delivery.settled else None,
        "outcome": delivery.settled,
    }


def wake_for(delivery: Delivery) -> Wake:
    return wake_of(delivery.id, delivery.repo, at=delivery.received_at)


def wake_of(id: DeliveryId, repo: RepoId | None, *, at: datetime) -> Wake:
    """One at a time per repository, so that its lanes are judged in order."""
    key = "hook" if repo is None else f"repo:{repo}"
    return Wake(kind=DueKind.DELIVERY, id=id, key=key, at=at)


def _promise(rows: Deliveries) -> DeliveryRows:
    return rows
