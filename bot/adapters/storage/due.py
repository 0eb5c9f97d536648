"""Due rows: a claim moves `due_at`, and only its holder can cross the row off."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from sqlalchemy import bindparam, case, delete, func, select, update

from bot.adapters.storage.part import Part, Wake, loaded
from bot.adapters.storage.tables import DUE, IS_SET_ASIDE_WORK
from bot.adapters.storage.upsert import upsert
from bot.domain.work import Due, DueKind, Queue
from bot.ports.rows import DueRows, SetAside
from bot.ports.waker import EVERY_QUEUE

_THIS = (DUE.c.kind == bindparam("of_kind"), DUE.c.id == bindparam("of_id"))
_MINE = (*_THIS, DUE.c.claim == bindparam("my_claim"))
_ALIVE = DUE.c.set_aside_at.is_(None)
_UNHELD = {"claim": None, "holder": None}

WANT: Final = upsert(
    DUE,
    keys=("kind", "id"),
    update=lambda new: {
        "key": new.key,
        "due_at": case((_ALIVE & (DUE.c.due_at < new.due_at), DUE.c.due_at), else_=new.due_at),
        "tries": case((_ALIVE, DUE.c.tries), else_=0),
        "set_aside_at": None,
        "error": None,
        **_UNHELD,
    },
    values={"tries": 0},
)
_WANT_IF_NONE = upsert(DUE, keys=("kind", "id"), values={"tries": 0}, returning=[DUE.c.key])
_CLAIM = (
    update(DUE)
    .where(*_THIS, DUE.c.due_at <= bindparam("now"), _ALIVE)
    .values(
        due_at=bindparam("lease"),
        claim=bindparam("lease"),
        holder=bindparam("by_process"),
        tries=DUE.c.tries + 1,
    )
    .returning(DUE.c.key, DUE.c.tries)
)
_DROP = delete(DUE).where(*_THIS)
_CROSS_OFF = delete(DUE).where(*_MINE)
_LET_GO = update(DUE).where(*_MINE).values(due_at=bindparam("then"), **_UNHELD)
_AGAIN = _LET_GO.values(tries=0)
_GIVE_BACK = _LET_GO.values(tries=DUE.c.tries - 1)
_SET_ASIDE = (
    update(DUE)
    .where(*_MINE)
    .values(set_aside_at=bindparam("at"), error=bindparam("why"), **_UNHELD)
)
_FORGET_TRIES = update(DUE).where(*_THIS, DUE.c.claim.is_(None)).values(tries=0)
_FREE = update(DUE).where(DUE.c.claim.is_not(None)).values(due_at=bindparam("now"), **_UNHELD)
_CALL_ALL = (
    update(DUE)
    .where(DUE.c.due_at > bindparam("now"), DUE.c.claim.is_(None), _ALIVE)
    .values(due_at=bindparam("now"))
)
# Side by side with a newer program there are kinds of work that only it knows.
_OURS = DUE.c.kind.in_(bindparam("kinds", expanding=True))
_DUE_NOW = (
    select(DUE.c.kind, DUE.c.id, DUE.c.key)
    .where(DUE.c.due_at <= bindparam("now"), _OURS, _ALIVE)
    .order_by(DUE.c.due_at)
    .limit(bindparam("most"))
)
_DUE_SOON = (
    select(DUE.c.kind, DUE.c.id, DUE.c.key, DUE.c.due_at)
    .where(
        DUE.c.due_at > bindparam("now"),
        DUE.c.due_at <= bindparam("until"),
        DUE.c.claim.is_(None),
        _OURS,
        _ALIVE,
    )
    .order_by(DUE.c.due_at)
    .limit(bindparam("most"))
)
_NEXT = select(DUE.c.due_at).where(_OURS, _ALIVE).order_by(DUE.c.due_at).limit(1)
_SET_ASIDE_ROWS = (
    select(
        DUE.c.kind,
        DUE.c.id,
        DUE.c.key,
        DUE.c.set_aside_at,
        func.coalesce(DUE.c.error, "").label("error"),
    )
    .where(IS_SET_ASIDE_WORK, _OURS)
    .order_by(DUE.c.set_aside_at.desc())
)


class Dues(Part):
    async def due(self, kind: DueKind, id: str, *, key: str, at: datetime) -> None:
        wake = Wake(kind=kind, id=id, key=key, at=at)
        await self._write(WANT, wake.row)
        self.wakes.append(wake)

    async def due_if_none(self, kind: DueKind, id: str, *, key: str, at: datetime) -> None:
        wake = Wake(kind=kind, id=id, key=key, at=at)
        if (await self._write(_WANT_IF_NONE, wake.row)).first() is not None:
            self.wakes.append(wake)

    async def not_due(self, kind: DueKind, id: str) -> None:
        await self._write(_DROP, {"of_kind": kind, "of_id": id})

    async def claim(self, kind: DueKind, id: str, *, now: datetime, lease: timedelta) -> Due | None:
        until = now + lease
        values = {
            "of_kind": kind,
            "of_id": id,
            "now": now,
            "lease": until,
            "by_process": self._process or None,
        }
        row = (await self._write(_CLAIM, values)).first()
        if row is None:
            return None
        return Due(kind=kind, id=id, key=row.key, due_at=until, tries=row.tries)

    async def finish(self, due: Due, *, again: datetime | None) -> bool:
        if again is None:
            done = await self._write(_CROSS_OFF, _mine(due))
        else:
            done = await self._write(_AGAIN, {**_mine(due), "then": again})
        if done.rowcount == 0:
            await self._write(_FORGET_TRIES, {"of_kind": due.kind, "of_id": due.id})
            return False
        if again is not None:
            self._wake(due, at=again)
        return True

    async def postpone(self, due: Due, *, until: datetime) -> None:
        if (await self._write(_LET_GO, {**_mine(due), "then": until})).rowcount:
            self._wake(due, at=until)

    async def give_back(self, due: Due, *, until: datetime) -> None:
        if (await self._write(_GIVE_BACK, {**_mine(due), "then": until})).rowcount:
            self._wake(due, at=until)

    async def set_aside(self, due: Due, why: str, *, at: datetime) -> bool:
        return (await self._write(_SET_ASIDE, {**_mine(due), "why": why, "at": at})).rowcount == 1

    async def set_aside_rows(self) -> Sequence[SetAside]:
        rows = await self._all(_SET_ASIDE_ROWS, kinds=_kinds(EVERY_QUEUE))
        return [loaded(SetAside, row) for row in rows]

    async def free_claims(self, *, now: datetime) -> int:
        return (await self._write(_FREE, {"now": now})).rowcount

    async def call_all(self, *, now: datetime) -> int:
        return (await self._write(_CALL_ALL, {"now": now})).rowcount

    def _wake(self, due: Due, *, at: datetime) -> None:
        self.wakes.append(Wake(kind=due.kind, id=due.id, key=due.key, at=at))

    async def due_now(
        self, now: datetime, *, limit: int, queues: frozenset[Queue] = EVERY_QUEUE
    ) -> Sequence[tuple[DueKind, str, str]]:
        rows = await self._all(_DUE_NOW, now=now, most=limit, kinds=_kinds(queues))
        return [(row["kind"], row["id"], row["key"]) for row in rows]

    async def due_soon(
        self,
        now: datetime,
        *,
        until: datetime,
        limit: int,
        queues: frozenset[Queue] = EVERY_QUEUE,
    ) -> Sequence[tuple[DueKind, str, str, datetime]]:
        values = {"now": now, "until": until, "most": limit, "kinds": _kinds(queues)}
        rows = await self._all(_DUE_SOON, **values)
        return [(row["kind"], row["id"], row["key"], row["due_at"]) for row in rows]

    async def next_due(self) -> datetime | None:
        row = await self._one(_NEXT, kinds=_kinds(EVERY_QUEUE))
        return row["due_at"] if row else None


def _mine(due: Due) -> dict[str, object]:
    return {"of_kind": due.kind, "of_id": due.id, "my_claim": due.due_at}


@cache
def _kinds(queues: frozenset[Queue]) -> list[DueKind]:
    return [kind for kind in DueKind if kind.queue in queues]


def _promise(rows: Dues) -> DueRows:
    return rows
