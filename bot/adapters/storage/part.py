"""What the parts of a transaction share: one connection, and whom to wake after the commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Executable, RowMapping, Select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.storage.upsert import Upsert
from bot.domain.work import DueKind

T = TypeVar("T")
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    kind: DueKind
    id: str
    key: str
    at: datetime

    @property
    def row(self) -> Values:
        """As the table of due rows calls it."""
        return {"kind": self.kind, "id": self.id, "key": self.key, "due_at": self.at}


class Part:
    def __init__(self, connection: AsyncConnection, *, writes: bool, process: str) -> None:
        self.connection = connection
        self._writes = writes
        self._process = process
        self.wakes: list[Wake] = []

    async def _all(self, select: Select[Any], **values: Any) -> Sequence[RowMapping]:  # noqa: ANN401 - as SQLAlchemy
        rows: Sequence[RowMapping] = (
            (await self.connection.execute(select, values)).mappings().all()
        )
        return rows

    async def _one(self, select: Select[Any], **values: Any) -> RowMapping | None:  # noqa: ANN401 - as SQLAlchemy
        row: RowMapping | None = (await self.connection.execute(select, values)).mappings().first()
        return row

    async def _held(self, select: Select[Any], **values: Any) -> RowMapping | None:  # noqa: ANN401 - as SQLAlchemy
        """Read a row that this transaction may change: others wait for it."""
        return await self._one(_locking(select) if self._writes else select, **values)

    async def _write(
        self, statement: Executable | Upsert, values: Values | Sequence[Values]
    ) -> CursorResult[Any]:
        """Execute what changes rows.

        Raises:
            RuntimeError: The transaction only reads.
        """
        if not self._writes:
            msg = "this transaction only reads; use begin() to write"
            raise RuntimeError(msg)
        if isinstance(statement, Upsert):
            statement = statement.on(self.connection.dialect.name)
        return await self.connection.execute(statement, values)

    async def _write_one(self, statement: Executable, values: Values) -> None:
        """Change exactly one row; that it is gone is a bug of ours, and no success."""
        if (await self._write(statement, values)).rowcount != 1:
            msg = f"no such row: {statement}"
            raise LookupError(msg)


@cache
def _locking(select: Select[Any]) -> Select[Any]:
    """Lock the rows of the first column's table; others may still refer to them meanwhile."""
    first: Any = select.selected_columns[0]
    return select.with_for_update(of=first.table, key_share=True)


def row_of(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any of our dataclasses
    """Return the fields of a dataclass by name, which is how its columns are called."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def loaded(kind: type[T], row: RowMapping) -> T:
    """Return the dataclass whose fields the row has, and nothing else."""
    return kind(**row)
