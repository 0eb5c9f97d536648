"""What happened to an incident, each fact once."""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select

from bot.adapters.storage.part import Part, loaded, row_of
from bot.adapters.storage.tables import INCIDENT, TIMELINE
from bot.adapters.storage.upsert import upsert
from bot.domain.ids import IncidentId
from bot.domain.incident import TimelineEntry
from bot.ports.rows import TimelineRows

_INCIDENT = select(INCIDENT.c.id).where(INCIDENT.c.id == bindparam("of_incident"))
_EARLIER = TIMELINE.alias("earlier")
_NEXT = (
    select(func.coalesce(func.max(_EARLIER.c.seq), 0) + 1)
    .where(_EARLIER.c.incident == bindparam("of_incident"))
    .scalar_subquery()
)
_TELL = upsert(
    TIMELINE,
    keys=("incident", "kind", "source"),
    values={"seq": _NEXT},
    returning=[TIMELINE.c.seq],
)
_AFTER = (
    select(TIMELINE)
    .where(TIMELINE.c.incident == bindparam("of_incident"), TIMELINE.c.seq > bindparam("last"))
    .order_by(TIMELINE.c.seq)
)


class Timeline(Part):
    async def tell(self, entry: TimelineEntry) -> bool:
        # Numbers are given one by one: a thread that was told line 5 never asks for 4 again.
        await self._held(_INCIDENT, of_incident=entry.incident)
        values = row_of(entry) | {"of_incident": entry.incident}
        del values["seq"]
        return (await self._write(_TELL, values)).first() is not None

    async def timeline(self, incident: IncidentId, *, after: int = 0) -> Sequence[TimelineEntry]:
        rows = await self._all(_AFTER, of_incident=incident, last=after)
        return [loaded(TimelineEntry, row) for row in rows]


def _promise(rows: Timeline) -> TimelineRows:
    return rows
