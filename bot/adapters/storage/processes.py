"""Processes that run; who notices that one is dead frees what it held."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Float, bindparam, delete, select, update

from bot.adapters.storage.clock import DATABASE_NOW, MomentIn
from bot.adapters.storage.part import Part, loaded, row_of
from bot.adapters.storage.tables import DUE, LEASE, PROCESS
from bot.adapters.storage.upsert import upsert
from bot.ports.running import Process, ProcessRows

_SEEN = upsert(
    PROCESS,
    keys=("id",),
    values={"started_at": DATABASE_NOW, "seen_at": DATABASE_NOW},
    update=lambda new: {
        **{name: new[name] for name in ("roles", "version", "host", "pid", "standing")},
        "seen_at": DATABASE_NOW,
    },
)
_ALL = select(PROCESS).order_by(PROCESS.c.started_at, PROCESS.c.id)
_FORGET = delete(PROCESS).where(PROCESS.c.id == bindparam("of_id"))
_FORGET_SILENT = (
    delete(PROCESS)
    .where(PROCESS.c.seen_at < MomentIn(bindparam("seconds", type_=Float())))
    .returning(PROCESS.c.id)
)
_FREE_CLAIMS = (
    update(DUE)
    .where(DUE.c.holder == bindparam("of_id"))
    .values(due_at=DATABASE_NOW, claim=None, holder=None)
)
_FREE_LEASES = delete(LEASE).where(LEASE.c.process == bindparam("of_id"))


class Processes(Part):
    async def seen(self, process: Process) -> None:
        values = row_of(process) | {"standing": dict(process.standing)}
        del values["started_at"], values["seen_at"]
        await self._write(_SEEN, values)

    async def processes(self) -> Sequence[Process]:
        return [loaded(Process, row) for row in await self._all(_ALL)]

    async def gone(self, id: str) -> None:
        await self._write(_FORGET, {"of_id": id})
        await self._free(id)

    async def bury(self, *, silent_for: timedelta) -> Sequence[str]:
        ago = {"seconds": -silent_for.total_seconds()}
        dead = [row.id for row in await self._write(_FORGET_SILENT, ago)]
        for id in dead:
            await self._free(id)
        return dead

    async def _free(self, process: str) -> None:
        await self._write(_FREE_CLAIMS, {"of_id": process})
        await self._write(_FREE_LEASES, {"of_id": process})


def _promise(rows: Processes) -> ProcessRows:
    return rows
