"""What far sides may still be asked, counted for all processes together."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select

from bot.adapters.storage.part import Part, loaded
from bot.adapters.storage.tables import BUDGET
from bot.adapters.storage.types import Moment
from bot.adapters.storage.upsert import New, upsert
from bot.ports.running import Budget, BudgetRows

_NAMES: Final = ("remaining", "total", "resets_at", "quiet_until")
_ONE: Final = select(*(BUDGET.c[name] for name in _NAMES)).where(
    BUDGET.c.name == bindparam("of_name")
)


def _another(new: New) -> ColumnElement[bool]:
    """Whether the row counts another window than ours.

    One that begins after the next was counted by a clock that has been set back since.
    """
    too_late = BUDGET.c.window_at > bindparam("next_at", type_=Moment)
    return or_(BUDGET.c.window_at < new.window_at, too_late)


_TAKE: Final = upsert(
    BUDGET,
    keys=("name",),
    update=lambda new: {
        "window_at": case((_another(new), new.window_at), else_=BUDGET.c.window_at),
        "used": case((_another(new), new.used), else_=BUDGET.c.used + new.used),
    },
    where=lambda new: or_(_another(new), BUDGET.c.used + new.used <= bindparam("most")),
    returning=(BUDGET.c.used,),
)


def _later(old: ColumnElement[Any], new: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((or_(old.is_(None), old < new), new), else_=old)


def _remaining(new: New) -> ColumnElement[Any]:
    """Of one hour the lower count is the newer; a later hour begins anew."""
    same = and_(BUDGET.c.resets_at == new.resets_at, BUDGET.c.remaining < new.remaining)
    older = or_(new.resets_at.is_(None), BUDGET.c.resets_at > new.resets_at)
    return case((or_(same, older), BUDGET.c.remaining), else_=new.remaining)


_SAVE: Final = upsert(
    BUDGET,
    keys=("name",),
    update=lambda new: {
        "remaining": _remaining(new),
        "total": func.coalesce(new.total, BUDGET.c.total),
        "resets_at": _later(BUDGET.c.resets_at, new.resets_at),
        "quiet_until": _later(BUDGET.c.quiet_until, new.quiet_until),
    },
)
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)  # no window was counted yet


class Budgets(Part):
    async def take_points(
        self, name: str, *, points: int, most: int, window: timedelta, now: datetime
    ) -> timedelta:
        begun = _NEVER + (now - _NEVER) // window * window
        values = {"name": name, "window_at": begun, "used": points}
        limits = {"most": most, "next_at": begun + window}
        taken = (await self._write(_TAKE, {**values, **limits})).first()
        return timedelta(0) if taken else begun + window - now

    async def budget(self, name: str) -> Budget:
        row = await self._one(_ONE, of_name=name)
        return loaded(Budget, row) if row else Budget()

    async def save_budget(self, name: str, budget: Budget) -> None:
        told = {each: getattr(budget, each) for each in _NAMES}
        await self._write(_SAVE, {"name": name, "window_at": _NEVER, "used": 0, **told})


def _promise(rows: Budgets) -> BudgetRows:
    return rows
