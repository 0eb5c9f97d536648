"""Leases: one process at a time does a thing, by the database's clock."""

from datetime import timedelta

from sqlalchemy import Float, bindparam, or_

from bot.adapters.storage.clock import DATABASE_NOW, MomentIn
from bot.adapters.storage.part import Part
from bot.adapters.storage.tables import LEASE
from bot.adapters.storage.upsert import upsert
from bot.ports.running import LeaseRows

_TAKE = upsert(
    LEASE,
    keys=("name",),
    values={"until": MomentIn(bindparam("seconds", type_=Float()))},
    update=lambda new: {"process": new.process, "until": new.until},
    where=lambda new: or_(LEASE.c.process == new.process, LEASE.c.until <= DATABASE_NOW),
    returning=[LEASE.c.name],
)


class Leases(Part):
    async def take_lease(self, name: str, *, process: str, lasts: timedelta) -> bool:
        values = {"name": name, "process": process, "seconds": lasts.total_seconds()}
        return (await self._write(_TAKE, values)).first() is not None


def _promise(rows: Leases) -> LeaseRows:
    return rows
