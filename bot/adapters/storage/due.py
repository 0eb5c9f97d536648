"""Due rows: a claim moves `due_at`, and only its holder can cross the row off."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, case, delete, func, select, update

from bot.adapters.storage.part import Part, Wake
from bot.adapters.storage.tables import DUE
from bot.adapters.storage.upsert import upsert
from bot.domain.work import Due, DueKind
from bot.ports.rows import DueRows

_THIS = (DUE.c.kind == bindparam("of_kind"), DUE.c.id == bindparam("of_id"))
_MINE = (*_THIS, DUE.c.claim == bindparam("my_claim"))

WANT: Final = upsert(
    DUE,
    keys=("kind", "id"),
    update=lambda new: {
        "key": new.key,
        "due_at": case((new.due_at < DUE.c.due_at, new.due_at), else_=DUE.c.due_at),
        "claim": None,
    },
    values={"tries": 0, "claim": None},
)
_CLAIM = (
    update(DUE)
    .where(*_THIS, DUE.c.due_at <= bindparam("now"))
    .values(due_at=bindparam("lease"), claim=bindparam("lease"), tries=DUE.c.tries + 1)
    .returning(DUE.c.key, DUE.c.tries)
)
_DROP = delete(DUE).where(*_THIS)
_CROSS_OFF = delete(DUE).where(*_MINE)
_AGAIN = update(DUE).where(*_MINE).values(due_at=bindparam("then"), claim=None, tries=0)
_POSTPONE = update(DUE).where(*_MINE).values(due_at=bindparam("then"), claim=None)
_FORGET_TRIES = update(DUE).where(*_THIS, DUE.c.claim.is_(None)).values(tries=0)
_FREE = update(DUE).where(DUE.c.claim.is_not(None)).values(due_at=bindparam("now"), claim=None)
_DUE_NOW = (
    select(DUE.c.kind, DUE.c.id, DUE.c.key)
    .where(DUE.c.due_at <= bindparam("now"))
    .order_by(DUE.c.due_at)
    .limit(bindparam("most"))
)
_NEXT = select(func.min(DUE.c.due_at).label("due_at"))


class Dues(Part):
    async def due(self, kind: DueKind, id: str, *, key: str, at: datetime) -> None:
        wake = Wake(kind=kind, id=id, key=key, at=at)
        await self._write(WANT, wake.row)
        self.wakes.append(wake)

    async def not_due(self, kind: DueKind, id: str) -> None:
        await self._write(_DROP, {"of_kind": kind, "of_id": id})

    async def claim(self, kind: DueKind, id: str, *, now: datetime, lease: timedelta) -> Due | None:
        until = now + lease
        values = {"of_kind": kind, "of_id": id, "now": now, "lease": until}
        row = (await self._write(_CLAIM, values)).first()
        if row is None:
            return None
        return Due(kind=kind, id=id, key=row.key, due_at=until, tries=row.tries)

    async def finish(self, due: Due, *, again: datetime | None) -> bool:
        mine = {"of_kind": due.kind, "of_id": due.id, "my_claim": due.due_at}
        if again is None:
            done = await self._write(_CROSS_OFF, mine)
        else:
            done = await self._write(_AGAIN, {**mine, "then": again})
        if done.rowcount == 0:
            await self._write(_FORGET_TRIES, {"of_kind": due.kind, "of_id": due.id})
            return False
        if again is not None:
            self._wake(due, at=again)
        return True

    async def postpone(self, due: Due, *, until: datetime) -> None:
        values = {"of_kind": due.kind, "of_id": due.id, "my_claim": due.due_at, "then": until}
        if (await self._write(_POSTPONE, values)).rowcount:
            self._wake(due, at=until)

    async def free_claims(self, *, now: datetime) -> int:
        return (await self._write(_FREE, {"now": now})).rowcount

    def _wake(self, due: Due, *, at: datetime) -> None:
        self.wakes.append(Wake(kind=due.kind, id=due.id, key=due.key, at=at))

    async def due_now(self, now: datetime, *, limit: int) -> Sequence[tuple[DueKind, str, str]]:
        rows = await self._all(_DUE_NOW, now=now, most=limit)
        return [(row["kind"], row["id"], row["key"]) for row in rows]

    async def next_due(self) -> datetime | None:
        row = await self._one(_NEXT)
        return row["due_at"] if row else None


def _promise(rows: Dues) -> DueRows:
    return rows
