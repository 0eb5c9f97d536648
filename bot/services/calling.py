"""Calling people: a new line in the thread, since an edit notifies nobody."""

from dataclasses import replace
from datetime import datetime

from bot.domain.incident import Fact, Incident
from bot.ports.rows import TimelineRows
from bot.services.telling import entry


async def call(tx: TimelineRows, incident: Incident, why: str, *, at: datetime) -> Incident:
    """Call people once for each red stretch; the caller saves the incident."""
    if incident.called_at:
        return incident
    source = f"{incident.run}/{incident.attempt}"
    return await _call(tx, incident, why, source=source, at=at)


async def call_about_another_cause(
    tx: TimelineRows, incident: Incident, why: str, *, at: datetime
) -> Incident:
    """Call those who were called for something else; nobody, where nobody was yet."""
    if not incident.called_at or incident.early:
        return incident
    source = f"{incident.run}/{incident.attempt}/{incident.cause}"
    return await _call(tx, incident, why, source=source, at=at)


async def _call(
    tx: TimelineRows, incident: Incident, why: str, *, source: str, at: datetime
) -> Incident:
    await tx.tell(entry(incident, Fact.CALLED, source=source, at=at, what=why))
    return replace(incident, called_at=at)
