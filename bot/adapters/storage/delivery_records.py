"""Deliveries as an operator sees them: what was set aside, what waits, what came of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, and_, bindparam, func, select, update

from bot.adapters.storage.deliveries import wake_of
from bot.adapters.storage.due import WANT
from bot.adapters.storage.part import Part, loaded
from bot.adapters.storage.tables import DELIVERY, DUE, REPOSITORY
from bot.domain.ids import DeliveryId, RepoId
from bot.domain.work import DueKind

_IS_SET_ASIDE: Final = DELIVERY.c.error.is_not(None)
_OF_DELIVERY: Final = and_(DUE.c.kind == DueKind.DELIVERY, DUE.c.id == DELIVERY.c.id)
_LOOK: Final = (
    select(
        DELIVERY.c.id,
        DELIVERY.c.event,
        DELIVERY.c.repo,
        func.coalesce(REPOSITORY.c.full_name, "").label("repo_name"),
        DELIVERY.c.received_at,
        DELIVERY.c.done_at,
        DELIVERY.c.outcome,
        func.coalesce(DELIVERY.c.error, "").label("error"),
        func.coalesce(DUE.c.tries, 0).label("tries"),
        DUE.c.due_at,
    )
    .outerjoin_from(DELIVERY, REPOSITORY, REPOSITORY.c.id == DELIVERY.c.repo)
    .outerjoin(DUE, _OF_DELIVERY)
)
_ONE = _LOOK.add_columns(DELIVERY.c.body).where(DELIVERY.c.id == bindparam("of_id"))
_NEWEST = _LOOK.order_by(DELIVERY.c.received_at.desc()).limit(bindparam("most"))
_SET_ASIDE = _NEWEST.where(_IS_SET_ASIDE)
_WAITING = (
    _LOOK.where(DUE.c.kind == DueKind.DELIVERY, DELIVERY.c.done_at.is_(None))
    .order_by(DUE.c.due_at)
    .limit(bindparam("most"))
)
_THESE = _LOOK.where(DELIVERY.c.id.in_(bindparam("ids", expanding=True)))
_AGAIN = (
    update(DELIVERY)
    .where(DELIVERY.c.id == bindparam("of_id"))
    .values(done_at=None, outcome="", error=None)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    id: DeliveryId
    event: str
    repo: RepoId | None
    repo_name: str
    """Empty where nothing was heard of it yet."""
    received_at: datetime
    done_at: datetime | None
    outcome: str
    error: str
    tries: int
    due_at: datetime | None
    body: bytes = b""


class DeliveryRecords(Part):
    async def set_aside_deliveries(self, *, limit: int) -> Sequence[DeliveryRecord]:
        return await self._records(_SET_ASIDE, limit)

    async def waiting_deliveries(self, *, limit: int) -> Sequence[DeliveryRecord]:
        """Return what is not processed yet, the longest waiting first."""
        return await self._records(_WAITING, limit)

    async def newest_deliveries(self, *, limit: int) -> Sequence[DeliveryRecord]:
        return await self._records(_NEWEST, limit)

    async def delivery_record(self, id: DeliveryId) -> DeliveryRecord | None:
        """Return one with its body."""
        row = await self._one(_ONE, of_id=id)
        return loaded(DeliveryRecord, row) if row else None

    async def these_deliveries(self, ids: Sequence[DeliveryId]) -> Sequence[DeliveryRecord]:
        return [loaded(DeliveryRecord, row) for row in await self._all(_THESE, ids=list(ids))]

    async def replay(self, records: Sequence[DeliveryRecord], *, at: datetime) -> None:
        """Make deliveries due again, as if they had just come."""
        wakes = [wake_of(record.id, record.repo, at=at) for record in records]
        if wakes:
            await self._write(_AGAIN, [{"of_id": wake.id} for wake in wakes])
            await self._write(WANT, [wake.row for wake in wakes])
        self.wakes += wakes

    async def _records(
        self, which: Select[tuple[object, ...]], limit: int
    ) -> Sequence[DeliveryRecord]:
        return [loaded(DeliveryRecord, row) for row in await self._all(which, most=limit)]
