"""Jobs of attempts."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import and_, bindparam, case, or_, select

from bot.adapters.storage.part import Part, loaded, row_of
from bot.adapters.storage.runs import RANK
from bot.adapters.storage.tables import ATTEMPT, IS_GREEN, JOB
from bot.adapters.storage.upsert import New, all_but, upsert
from bot.domain.ids import LaneId, RepoId, RunId
from bot.domain.run import RED, Job
from bot.ports.rows import JobRows

GREEN_RUNS: Final = 100  # the newest of a lane; what was tolerated before them may be no more

_FIELDS = [column for column in JOB.c if column.name != "repo"]


def _update(new: New) -> Mapping[str, Any]:
    """Overwrite all but what deliveries alone tell, which they may have told before."""
    return {
        **all_but(JOB, "id")(new),
        "environment": case((new.environment != "", new.environment), else_=JOB.c.environment),
        "delivered": or_(new.delivered, JOB.c.delivered),
    }


_SAVE = upsert(
    JOB,
    keys=("id",),
    update=_update,
    where=lambda new: case(RANK, value=new.status) >= case(RANK, value=JOB.c.status),
)
_OF_ATTEMPT = (
    select(*_FIELDS)
    .where(JOB.c.run == bindparam("of_run"), JOB.c.attempt == bindparam("of_attempt"))
    .order_by(JOB.c.id)
)
_GREEN = (
    select(ATTEMPT.c.id, ATTEMPT.c.attempt)
    .where(ATTEMPT.c.lane == bindparam("of_lane"), IS_GREEN)
    .order_by(ATTEMPT.c.number.desc())
    .limit(GREEN_RUNS)
    .subquery("green")
)
_TOLERATED = (
    select(JOB.c.name)
    .distinct()
    .join_from(_GREEN, JOB, and_(JOB.c.run == _GREEN.c.id, JOB.c.attempt == _GREEN.c.attempt))
    .where(
        JOB.c.name.in_(bindparam("names", expanding=True)),
        JOB.c.conclusion.in_(sorted(RED)),
    )
)


class Jobs(Part):
    async def save_job(self, repo: RepoId, job: Job) -> None:
        await self._write(_SAVE, {**row_of(job), "repo": repo})

    async def jobs(self, run: RunId, attempt: int) -> Sequence[Job]:
        rows = await self._all(_OF_ATTEMPT, of_run=run, of_attempt=attempt)
        return [loaded(Job, row) for row in rows]

    async def tolerated(self, lane: LaneId, names: Sequence[str]) -> frozenset[str]:
        if not names:
            return frozenset()
        rows = await self._all(_TOLERATED, of_lane=lane, names=list(names))
        return frozenset(row["name"] for row in rows)


def _promise(rows: Jobs) -> JobRows:
    return rows
