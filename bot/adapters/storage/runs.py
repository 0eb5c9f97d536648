"""Attempts of runs, in the order of their lane."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, case, func, or_, select, update

from bot.adapters.storage.part import Part, loaded, row_of
from bot.adapters.storage.tables import ATTEMPT, IS_UNPLACED, LANE
from bot.adapters.storage.upsert import all_but, upsert
from bot.domain.ids import LaneId, RepoId, RunId
from bot.domain.run import Run, Status
from bot.ports.rows import RunRows

_OLD = ATTEMPT.c
_OURS = ("lane", "late_at")  # what GitHub does not say
_FIELDS = [column for column in _OLD if column.name not in _OURS]
_OLDER = ATTEMPT.alias("older")
RANK = {status.value: rank for rank, status in enumerate(Status)}

_ITS_LANE = (
    select(_OLDER.c.lane)
    .where(_OLDER.c.id == bindparam("of_run"), _OLDER.c.lane.is_not(None))
    .limit(1)
    .scalar_subquery()
)
_SAVE = upsert(
    ATTEMPT,
    keys=("id", "attempt"),
    values={"lane": _ITS_LANE},
    update=lambda new: {
        **all_but(ATTEMPT, "id", "attempt", *_OURS)(new),
        # An end is heard once, however often it is told.
        "late_at": case((_OLD.status == Status.COMPLETED, _OLD.late_at), else_=new.late_at),
    },
    where=lambda new: or_(
        case(RANK, value=new.status) > case(RANK, value=_OLD.status),
        and_(new.status == _OLD.status, new.updated_at > _OLD.updated_at),
    ),
    returning=[_OLD.id],
)
_PLACE = (
    update(ATTEMPT)
    .where(_OLD.id == bindparam("of_run"), _OLD.lane.is_(None))
    .values(lane=bindparam("first_lane"))
)
_MOVE = update(ATTEMPT).where(_OLD.lane == bindparam("of_lane")).values(lane=bindparam("to_lane"))
_PLACED = select(_OLD.lane).where(_OLD.id == bindparam("of_run"), _OLD.lane.is_not(None)).limit(1)
_NEWEST = (
    select(*_FIELDS).where(_OLD.id == bindparam("of_run")).order_by(_OLD.attempt.desc()).limit(1)
)
_ONE = select(*_FIELDS).where(
    _OLD.id == bindparam("of_run"), _OLD.attempt == bindparam("of_attempt")
)
_NUMBERS = (
    select(_OLDER.c.number)
    .distinct()
    .where(_OLDER.c.lane == bindparam("of_lane"))
    .order_by(_OLDER.c.number.desc())
    .limit(bindparam("most"))
    .subquery()
)
_OF_LANE = (
    select(*_FIELDS)
    .where(
        _OLD.lane == bindparam("of_lane"),
        _OLD.number >= select(func.min(_NUMBERS.c.number)).scalar_subquery(),
    )
    .order_by(_OLD.number, _OLD.attempt)
)
_UNPLACED = (
    select(*_FIELDS)
    .where(
        IS_UNPLACED, _OLD.repo == bindparam("of_repo"), _OLD.head_branch == bindparam("of_branch")
    )
    .order_by(_OLD.number, _OLD.attempt)
)
_NUMBER = (
    select(func.max(_OLDER.c.number))
    .where(_OLDER.c.lane == LANE.c.id)
    .correlate(LANE)
    .scalar_subquery()
)
_LAST = (
    select(func.max(_OLDER.c.attempt))
    .where(_OLDER.c.lane == LANE.c.id, _OLDER.c.number == _OLD.number)
    .correlate(LANE, ATTEMPT)
    .scalar_subquery()
)
_OF_REPO = (
    select(*_FIELDS, _OLD.lane)
    .join_from(LANE, ATTEMPT, and_(_OLD.lane == LANE.c.id, _OLD.number == _NUMBER))
    .where(LANE.c.repo == bindparam("of_repo"), _OLD.attempt == _LAST)
    .order_by(LANE.c.id)
)
_OF_BRANCH = _OF_REPO.where(
    # The branch of a merge queue's run names the entry; its lane names the base.
    or_(_OLD.head_branch == bindparam("of_branch"), LANE.c.name == bindparam("of_branch"))
)


class Runs(Part):
    async def save_run(self, run: Run, *, late_at: datetime | None = None) -> bool:
        values = {**row_of(run), "late_at": late_at, "of_run": run.id}
        saved = await self._write(_SAVE, values)
        return saved.first() is not None

    async def place_run(self, run: RunId, lane: LaneId) -> None:
        await self._write(_PLACE, {"of_run": run, "first_lane": lane})

    async def move_runs(self, lane: LaneId, *, to: LaneId) -> None:
        await self._write(_MOVE, {"of_lane": lane, "to_lane": to})

    async def lane_of_run(self, run: RunId) -> LaneId | None:
        row = await self._one(_PLACED, of_run=run)
        return LaneId(row["lane"]) if row else None

    async def run(self, run: RunId, attempt: int | None = None) -> Run | None:
        if attempt is None:
            row = await self._one(_NEWEST, of_run=run)
        else:
            row = await self._one(_ONE, of_run=run, of_attempt=attempt)
        return loaded(Run, row) if row else None

    async def runs_of_lane(self, lane: LaneId, *, runs: int) -> Sequence[Run]:
        rows = await self._all(_OF_LANE, of_lane=lane, most=runs)
        return [loaded(Run, row) for row in rows]

    async def unplaced_runs(self, repo: RepoId, branch: str) -> Sequence[Run]:
        rows = await self._all(_UNPLACED, of_repo=repo, of_branch=branch)
        return [loaded(Run, row) for row in rows]

    async def newest_runs(self, repo: RepoId, *, branch: str = "") -> Sequence[tuple[LaneId, Run]]:
        if branch:
            rows = await self._all(_OF_BRANCH, of_repo=repo, of_branch=branch)
        else:
            rows = await self._all(_OF_REPO, of_repo=repo)
        return [_with_lane(**row) for row in rows]


def _with_lane(*, lane: int, **run: object) -> tuple[LaneId, Run]:
    return LaneId(lane), Run(**run)  # type: ignore[arg-type] # columns are named as the fields


def _promise(rows: Runs) -> RunRows:
    return rows
