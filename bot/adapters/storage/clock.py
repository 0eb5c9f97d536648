"""The database's own clock: those of several machines differ, and may jump."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from bot.adapters.storage.types import Moment


class MomentIn(FunctionElement[datetime]):
    """The moment that lies so many seconds ahead of the database's clock."""

    type = Moment()
    inherit_cache = True

    def __init__(self, seconds: ColumnElement[float]) -> None:
        super().__init__(seconds)


# Not now(), which stands still while a transaction waits for a lock.
@compiles(MomentIn, "postgresql")
def _postgresql(element: MomentIn, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as SQLAlchemy
    seconds = compiler.process(element.clauses, **options)
    return f"(clock_timestamp() + make_interval(secs => {seconds}))"


# It counts milliseconds; all moments of ours have six digits, so that text sorts as time.
@compiles(MomentIn, "sqlite")
def _sqlite(element: MomentIn, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as SQLAlchemy
    seconds = compiler.process(element.clauses, **options)
    return f"(strftime('%Y-%m-%d %H:%M:%f', 'now', {seconds} || ' seconds') || '000')"


DATABASE_NOW: Final = MomentIn(literal(0.0))
