"""Remove what only the past needed, a few rows at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    String,
    Table,
    TextClause,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    tuple_,
)

from bot.adapters.storage.part import Part
from bot.adapters.storage.tables import (
    ATTEMPT,
    BLIND,
    CARD,
    DELIVERY,
    DIAGNOSIS,
    DUE,
    INCIDENT,
    IS_OPEN,
    IS_SET_ASIDE,
    IS_SET_ASIDE_WORK,
    JOB,
    NOTICE,
    PRESS,
    RETRY,
    TIMELINE,
)
from bot.domain.ids import RunId
from bot.domain.incident import State
from bot.domain.retry import RetryState
from bot.domain.run import Status
from bot.domain.work import DueKind
from bot.ports.notices import NoticeState
from bot.ports.pruning import KEPT_RUNS, Prunable, PruneRows
from bot.ports.rows import CardState

_BEFORE: Final[BindParameter[datetime]] = bindparam("before")
_OF_INCIDENTS: Final = (
    DueKind.DIAGNOSIS,
    DueKind.GREEN,
    DueKind.GONE,
    DueKind.WATCH,
    DueKind.CHECK,
)


def _not_due(id: ColumnElement[Any], *kinds: DueKind) -> ColumnElement[bool]:
    return not_(exists().where(DUE.c.kind.in_(kinds), DUE.c.id == cast(id, String)))


def _old(table: Table, *where: ColumnElement[bool] | TextClause) -> Select[Any]:
    """Return the keys of old rows."""
    return select(*table.primary_key.columns).where(*where).limit(bindparam("most"))


_DONE = (
    DELIVERY.c.received_at < _BEFORE,
    DELIVERY.c.done_at.is_not(None),
    _not_due(DELIVERY.c.id, DueKind.DELIVERY),
)
_HOLDS = exists().where(CARD.c.notice == NOTICE.c.id, CARD.c.state == CardState.HELD)
_CARD_DUE = exists().where(
    CARD.c.incident == INCIDENT.c.id, not_(_not_due(CARD.c.id, DueKind.CARD))
)
_RETRY_DUE = exists().where(
    RETRY.c.incident == INCIDENT.c.id,
    or_(RETRY.c.state == RetryState.WAITING, not_(_not_due(RETRY.c.id, DueKind.RETRY))),
)
_OLD_ROWS: Final[Mapping[Prunable, tuple[Table, Select[Any]]]] = {
    Prunable.DELIVERIES: (DELIVERY, _old(DELIVERY, *_DONE, DELIVERY.c.error.is_(None))),
    Prunable.SET_ASIDE_DELIVERIES: (DELIVERY, _old(DELIVERY, *_DONE, IS_SET_ASIDE)),
    Prunable.SET_ASIDE: (
        DUE,
        _old(DUE, IS_SET_ASIDE_WORK, DUE.c.set_aside_at < _BEFORE, DUE.c.kind.in_([*DueKind])),
    ),
    Prunable.PRESSES: (
        PRESS,
        _old(
            PRESS,
            PRESS.c.received_at < _BEFORE,
            PRESS.c.done_at.is_not(None),
            _not_due(PRESS.c.id, DueKind.PRESS),
        ),
    ),
    Prunable.NOTICES: (
        NOTICE,
        _old(
            NOTICE,
            NOTICE.c.closed_at < _BEFORE,
            NOTICE.c.state != NoticeState.WANTED,
            not_(_HOLDS),
            _not_due(NOTICE.c.id, DueKind.NOTICE),
        ),
    ),
    Prunable.BLIND: (BLIND, _old(BLIND, BLIND.c.until < _BEFORE)),
    Prunable.INCIDENTS: (
        INCIDENT,
        _old(
            INCIDENT,
            INCIDENT.c.state == State.ENDED,
            INCIDENT.c.ended_at < _BEFORE,
            _not_due(INCIDENT.c.id, *_OF_INCIDENTS),
            not_(_CARD_DUE),
            not_(_RETRY_DUE),
        ),
    ),
}

_RUN, _SAME = ATTEMPT.alias("old"), ATTEMPT.alias("same")
# A sum has no index: SQLite would go through the lanes, and most of their runs are young.
_LANE: ColumnElement[int | None] = _RUN.c.lane + 0
_LONG_LANES = (
    select(ATTEMPT.c.lane)
    .where(ATTEMPT.c.lane.is_not(None))
    .group_by(ATTEMPT.c.lane)
    .having(func.count() > KEPT_RUNS)
)
_OLDEST_KEPT = (
    select(ATTEMPT.c.number)
    .distinct()
    .where(ATTEMPT.c.lane == _RUN.c.lane)
    .order_by(ATTEMPT.c.number.desc())
    .limit(1)
    .offset(KEPT_RUNS - 1)
    .correlate(_RUN)
    .scalar_subquery()
)
_OLD_RUNS = (
    select(_RUN.c.id)
    .where(
        _RUN.c.created_at < _BEFORE,
        or_(
            _LANE.is_(None),
            and_(_LANE.in_(_LONG_LANES), _RUN.c.number < _OLDEST_KEPT),
        ),
        not_(
            exists().where(
                _SAME.c.id == _RUN.c.id,
                or_(_SAME.c.status != Status.COMPLETED, _SAME.c.updated_at >= _BEFORE),
            )
        ),
        not_(exists().where(INCIDENT.c.lane_id == _RUN.c.lane, IS_OPEN)),
    )
    .order_by(_RUN.c.created_at)
    .limit(bindparam("most"))
)
_THESE_RUNS: Final[BindParameter[Any]] = bindparam("runs", expanding=True)
_DROP_RUNS: Final = (
    delete(DIAGNOSIS).where(DIAGNOSIS.c.run.in_(_THESE_RUNS)),
    delete(JOB).where(JOB.c.run.in_(_THESE_RUNS)),
    delete(ATTEMPT).where(ATTEMPT.c.id.in_(_THESE_RUNS)),
)
_THESE_INCIDENTS: Final[BindParameter[Any]] = bindparam("incidents", expanding=True)
_DROP_OF_INCIDENTS: Final = tuple(
    delete(table).where(table.c.incident.in_(_THESE_INCIDENTS)) for table in (TIMELINE, CARD, RETRY)
)


class Pruning(Part):
    async def prune(self, what: Prunable, *, before: datetime, most: int) -> int:
        table, old = _OLD_ROWS[what]
        rows = await self._all(old, before=before, most=most)
        if not rows:
            return 0
        keys = [tuple(row.values()) for row in rows]
        if what is Prunable.INCIDENTS:
            for statement in _DROP_OF_INCIDENTS:
                await self._write(statement, {"incidents": [id for (id,) in keys]})
        key = tuple_(*table.primary_key.columns)
        await self._write(delete(table).where(key.in_(keys)), {})
        return len(rows)

    async def old_runs(self, *, before: datetime, most: int) -> Sequence[RunId]:
        rows = await self._all(_OLD_RUNS, before=before, most=most)
        return [*dict.fromkeys(row["id"] for row in rows)]

    async def drop_runs(self, runs: Sequence[RunId]) -> None:
        for statement in _DROP_RUNS:
            await self._write(statement, {"runs": list(runs)})


def _promise(rows: Pruning) -> PruneRows:
    return rows
