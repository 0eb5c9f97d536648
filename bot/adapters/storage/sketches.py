"""Sketches of green logs, one a job name in each lane."""

from sqlalchemy import bindparam, select

from bot.adapters.storage.part import Part, loaded, row_of
from bot.adapters.storage.tables import SKETCH
from bot.adapters.storage.upsert import all_but, upsert
from bot.domain.ids import LaneId
from bot.ports.rows import Sketch, SketchRows

_ONE = select(SKETCH).where(
    SKETCH.c.lane == bindparam("of_lane"), SKETCH.c.job_name == bindparam("of_name")
)
_SAVE = upsert(SKETCH, keys=("lane", "job_name"), update=all_but(SKETCH, "lane", "job_name"))


class Sketches(Part):
    async def sketch(self, lane: LaneId, job_name: str) -> Sketch | None:
        row = await self._one(_ONE, of_lane=lane, of_name=job_name)
        return loaded(Sketch, row) if row else None

    async def save_sketch(self, sketch: Sketch) -> None:
        await self._write(_SAVE, row_of(sketch))


def _promise(rows: Sketches) -> SketchRows:
    return rows
