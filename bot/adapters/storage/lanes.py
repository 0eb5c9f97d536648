"""Lanes; whoever judges one holds its row."""

from sqlalchemy import bindparam, select

from bot.adapters.storage.part import Part, loaded, row_of
from bot.adapters.storage.tables import LANE
from bot.adapters.storage.upsert import upsert
from bot.domain.ids import LaneId
from bot.domain.lane import Lane
from bot.ports.rows import LaneRows

_MAKE = upsert(LANE, keys=("repo", "workflow", "kind", "name"))
_FIND = select(LANE.c.id).where(
    LANE.c.repo == bindparam("repo"),
    LANE.c.workflow == bindparam("workflow"),
    LANE.c.kind == bindparam("kind"),
    LANE.c.name == bindparam("name"),
)
_ONE = select(LANE.c.repo, LANE.c.workflow, LANE.c.kind, LANE.c.name).where(
    LANE.c.id == bindparam("of_id")
)


class Lanes(Part):
    async def lock_lane(self, lane: Lane) -> LaneId:
        values = row_of(lane)
        row = await self._held(_FIND, **values)
        if row is None:
            await self._write(_MAKE, values)
            row = await self._held(_FIND, **values)
        if row is None:
            msg = f"the row of {lane} was deleted while it was made"
            raise LookupError(msg)
        return LaneId(row["id"])

    async def lane(self, id: LaneId) -> Lane | None:
        row = await self._one(_ONE, of_id=id)
        return loaded(Lane, row) if row else None


def _promise(rows: Lanes) -> LaneRows:
    return rows
