"""Presses, kept before they are acknowledged."""

from datetime import datetime

from sqlalchemy import bindparam, select, update

from bot.adapters.storage.part import Part, row_of
from bot.adapters.storage.tables import PRESS
from bot.adapters.storage.upsert import upsert
from bot.domain.ids import PressId
from bot.domain.press import Press
from bot.domain.subscription import Place
from bot.ports.rows import PressRows

_FIELDS = [column for column in PRESS.c if column.name not in ("answer", "done_at", "outcome")]
_ONE = select(*_FIELDS).where(PRESS.c.id == bindparam("of_id"))
_NEW = upsert(PRESS, keys=("id",), returning=[PRESS.c.id])
_ANSWER = select(PRESS.c.answer).where(PRESS.c.id == bindparam("of_id"))
_ACTED = update(PRESS).where(PRESS.c.id == bindparam("of_id")).values(answer=bindparam("words"))
_IS_DONE = select(PRESS.c.done_at).where(PRESS.c.id == bindparam("of_id"))
_DONE = (
    update(PRESS)
    .where(PRESS.c.id == bindparam("of_id"))
    .values(done_at=bindparam("at"), outcome=bindparam("words"))
)


class Presses(Part):
    async def new_press(self, press: Press) -> bool:
        values = row_of(press)
        place = row_of(values.pop("place"))
        arguments = dict(press.arguments)
        made = await self._write(_NEW, values | place | {"arguments": arguments})
        return made.first() is not None

    async def press(self, id: PressId) -> Press | None:
        row = await self._one(_ONE, of_id=id)
        if row is None:
            return None
        values = dict(row)
        place = Place(platform=values.pop("platform"), channel=values.pop("channel"))
        return Press(place=place, **values)

    async def press_acted(self, id: PressId, *, answer: str) -> None:
        await self._write(_ACTED, {"of_id": id, "words": answer})

    async def press_answer(self, id: PressId) -> str | None:
        row = await self._one(_ANSWER, of_id=id)
        return row["answer"] if row else None

    async def press_done(self, id: PressId, *, at: datetime, outcome: str) -> None:
        await self._write(_DONE, {"of_id": id, "at": at, "words": outcome})

    async def press_is_done(self, id: PressId) -> bool:
        row = await self._one(_IS_DONE, of_id=id)
        return row is not None and row["done_at"] is not None


def _promise(rows: Presses) -> PressRows:
    return rows
