"""What the same job printed in the last green run, so that new lines can weigh more."""

import asyncio
from dataclasses import dataclass
from typing import Final, Protocol

from bot.diagnosis import Sketch, Sketcher
from bot.domain.errors import PermanentError, TransientError
from bot.domain.incident import Incident
from bot.domain.run import Job, Repository
from bot.ports import rows
from bot.ports.code_host import CodeHost
from bot.ports.rows import SketchRows
from bot.ports.store import Store

GREEN_LOGS: Final = 2  # fetched for one diagnosis; more would cost more calls than they are worth


class GreenTx(SketchRows, Protocol):
    """Rows that sketches are kept in."""


@dataclass(frozen=True, slots=True)
class Green:
    """The sketch of a green log, and how to name its run: a short sha."""

    sketch: Sketch
    ref: str


class Greens:
    """A green log is read once and kept as a sketch; without one the diagnosis works as well."""

    def __init__(self, store: Store[GreenTx], code_host: CodeHost) -> None:
        self._store = store
        self._code_host = code_host

    async def of(self, incident: Incident, repo: Repository, job: Job) -> Green | None:
        """Return what *job* printed in the run before the incident; None where nobody knows."""
        if incident.last_green_run is None:
            return None
        ref = incident.last_green_sha[:7]
        async with self._store.read() as tx:
            known = await tx.sketch(incident.lane_id, job.name)
        if known and known.run == incident.last_green_run:
            return Green(Sketch.from_bytes(known.body), ref) if known.body else None
        try:
            sketch = await self._fetch(incident, repo, job)
        except (TransientError, PermanentError):
            return None  # a diagnosis without it is better than one that waits for it
        async with self._store.begin() as tx:
            await tx.save_sketch(
                rows.Sketch(
                    lane=incident.lane_id,
                    job_name=job.name,
                    run=incident.last_green_run,
                    body=sketch.to_bytes() if sketch else b"",
                )
            )
        return Green(sketch, ref) if sketch else None

    async def _fetch(self, incident: Incident, repo: Repository, job: Job) -> Sketch | None:
        if incident.last_green_run is None:
            return None
        jobs = await self._code_host.jobs(repo, incident.last_green_run)
        same = next((one for one in jobs if one.name == job.name), None)
        if same is None:
            return None
        sketcher = Sketcher()
        async with self._code_host.job_log(repo, same.id) as blocks:
            async for block in blocks:
                await asyncio.to_thread(sketcher.feed, block)
        return await asyncio.to_thread(sketcher.finish)
