"""Insert or update in one statement, whichever database it is."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Executable, Table, TextClause
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import ReadOnlyColumnCollection

New = ReadOnlyColumnCollection[str, Any]
"""The columns of the row that could not be inserted."""

INSERTS: Final[Mapping[str, Callable[[Table], Any]]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class Upsert:
    """The same statement in each dialect, made once and cached by SQLAlchemy."""

    def __init__(self, statements: Mapping[str, Executable]) -> None:
        self._statements = statements

    def on(self, dialect: str) -> Executable:
        return self._statements[dialect]


def upsert(  # noqa: PLR0913 - keywords that read as one sentence
    table: Table,
    *,
    keys: Sequence[str],
    keys_where: TextClause | None = None,
    update: Callable[[New], Mapping[str, Any]] | None = None,
    where: Callable[[New], ColumnElement[bool]] | None = None,
    values: Mapping[str, Any] | None = None,
    returning: Sequence[ColumnElement[Any]] = (),
) -> Upsert:
    """Insert a row, or where its *keys* are taken, update that row or leave it.

    Args:
        keys_where: The condition of a partial index over *keys*.
        update: What to set, from the new row; None leaves the old row alone.
        where: Update only then.
        values: Expressions to insert beside the parameters.
        returning: Columns to return, none where nothing was inserted or updated.
    """
    made: dict[str, Executable] = {}
    for dialect, insert in INSERTS.items():
        statement = insert(table).values(values) if values else insert(table)
        if update is None:
            statement = statement.on_conflict_do_nothing(
                index_elements=keys, index_where=keys_where
            )
        else:
            new = statement.excluded
            statement = statement.on_conflict_do_update(
                index_elements=keys, set_=update(new), where=where(new) if where else None
            )
        made[dialect] = statement.returning(*returning) if returning else statement
    return Upsert(made)


def all_but(table: Table, *kept: str) -> Callable[[New], Mapping[str, Any]]:
    """Overwrite each column but *kept* with the new row's."""
    names = [column.name for column in table.columns if column.name not in kept]
    return lambda new: {name: new[name] for name in names}
