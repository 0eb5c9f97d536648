"""Incidents, each with the lane it speaks of."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import RowMapping, bindparam, insert, select, update

from bot.adapters.storage.part import Part, Values, row_of
from bot.adapters.storage.tables import INCIDENT, IS_OPEN, LANE
from bot.domain.ids import IncidentId, LaneId
from bot.domain.incident import Incident
from bot.domain.lane import Lane
from bot.ports.rows import IncidentRows

_LANE = ("repo", "workflow", "kind", "name")
ANY_INCIDENT = select(INCIDENT, *(LANE.c[name].label(f"lane_{name}") for name in _LANE)).join_from(
    INCIDENT, LANE, INCIDENT.c.lane_id == LANE.c.id
)
_ONE = ANY_INCIDENT.where(INCIDENT.c.id == bindparam("of_id"))
_OF_LANE = (
    ANY_INCIDENT.where(INCIDENT.c.lane_id == bindparam("of_lane"))
    .order_by(INCIDENT.c.id.desc())
    .limit(1)
)
_OPEN = ANY_INCIDENT.where(IS_OPEN)  # to be ordered, SQLite would read all that ever were
_NEW = insert(INCIDENT).returning(INCIDENT.c.id)
_SAVE = update(INCIDENT).where(INCIDENT.c.id == bindparam("of_id"))


class Incidents(Part):
    async def incident(self, id: IncidentId) -> Incident | None:
        row = await self._held(_ONE, of_id=id)
        return incident_of(row) if row else None

    async def lane_incident(self, lane: LaneId) -> Incident | None:
        row = await self._held(_OF_LANE, of_lane=lane)
        return incident_of(row) if row else None

    async def new_incident(self, incident: Incident) -> Incident:
        made = await self._write(_NEW, _values(incident))
        return replace(incident, id=IncidentId(made.scalar_one()))

    async def save_incident(self, incident: Incident) -> None:
        await self._write_one(_SAVE, {**_values(incident), "of_id": incident.id})

    async def open_incidents(self) -> Sequence[Incident]:
        found = [incident_of(row) for row in await self._all(_OPEN)]
        return sorted(found, key=lambda incident: incident.id, reverse=True)


def _values(incident: Incident) -> Values:
    return {name: value for name, value in row_of(incident).items() if name not in ("id", "lane")}


def incident_of(row: RowMapping) -> Incident:
    values = dict(row)
    lane = Lane(**{name: values.pop(f"lane_{name}") for name in _LANE})
    return Incident(lane=lane, **values)


def _promise(rows: Incidents) -> IncidentRows:
    return rows
