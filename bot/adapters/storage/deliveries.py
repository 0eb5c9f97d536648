"""Deliveries, as they came."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update

from bot.adapters.storage.due import WANT
from bot.adapters.storage.part import Part, Wake, loaded, row_of
from bot.adapters.storage.tables import DELIVERY
from bot.adapters.storage.upsert import upsert
from bot.domain.events import Delivery
from bot.domain.ids import DeliveryId
from bot.domain.work import DueKind
from bot.ports.rows import DeliveryRows

_STORE = upsert(DELIVERY, keys=("id",))
_KNOWN = select(DELIVERY.c.id, DELIVERY.c.done_at).where(
    DELIVERY.c.id.in_(bindparam("ids", expanding=True))
)
_ONE = select(
    DELIVERY.c.id, DELIVERY.c.event, DELIVERY.c.repo, DELIVERY.c.received_at, DELIVERY.c.body
).where(DELIVERY.c.id == bindparam("of_id"))
_DONE = (
    update(DELIVERY)
    .where(DELIVERY.c.id == bindparam("of_id"))
    .values(done_at=bindparam("at"), outcome=bindparam("words"))
)


class Deliveries(Part):
    async def take_in(self, deliveries: Sequence[Delivery]) -> set[DeliveryId]:
        """Store many at once and make due what was never processed; return which are new."""
        each = {delivery.id: delivery for delivery in deliveries}
        known = await self._all(_KNOWN, ids=list(each))
        done = {row["id"] for row in known if row["done_at"]}
        new = each.keys() - {row["id"] for row in known}
        if new:
            await self._write(_STORE, [row_of(each[id]) for id in each if id in new])
        wakes = [_wake(delivery) for delivery in each.values() if delivery.id not in done]
        if wakes:
            await self._write(WANT, [wake.row for wake in wakes])
        self.wakes += wakes
        return new

    async def delivery(self, id: DeliveryId) -> Delivery | None:
        row = await self._one(_ONE, of_id=id)
        return loaded(Delivery, row) if row else None

    async def delivery_done(self, id: DeliveryId, *, at: datetime, outcome: str) -> None:
        await self._write(_DONE, {"of_id": id, "at": at, "words": outcome})


def _wake(delivery: Delivery) -> Wake:
    """One at a time per repository, so that its lanes are judged in order."""
    key = "hook" if delivery.repo is None else f"repo:{delivery.repo}"
    return Wake(kind=DueKind.DELIVERY, id=delivery.id, key=key, at=delivery.received_at)


def _promise(rows: Deliveries) -> DeliveryRows:
    return rows
