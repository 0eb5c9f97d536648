"""Copy all rows of one database into another of whichever kind, as they are."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, MetaData, RowMapping, Table, func, insert, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeDecorator

from bot.adapters.storage.tables import (
    CARD,
    CURSOR,
    DELIVERY,
    DUE,
    INCIDENT,
    LEASE,
    METADATA,
    NOTICE,
    PROCESS,
    PROGRAM,
)
from bot.adapters.storage.types import Moment
from bot.ports.rows import CardState

ROWS: Final = 500  # at once
LIFE: Final = "life"  # the cursor that says until when the bot itself ran
# Who runs is true only where they run.
LEFT_OUT: Final = frozenset({PROCESS.name, LEASE.name})


def _as_stored(table: Table) -> Table:
    """Return the table with its columns' plain types: what is read is not made sense of.

    Moments are the exception, since each database writes them in its own way.
    """
    columns: list[Column[Any]] = []
    for column in table.columns:
        kind: Any = column.type
        plain = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
        stored = kind if isinstance(kind, Moment) else plain
        columns.append(Column(column.name, stored, primary_key=column.primary_key))
    return Table(table.name, MetaData(), *columns)


COPIED: Final = tuple(
    _as_stored(table) for table in METADATA.sorted_tables if table.name not in LEFT_OUT
)


async def take_time(connection: AsyncConnection) -> None:
    """Let a transaction wait for the other database, which nobody waits for in turn."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


async def copy_rows(source: AsyncConnection, target: AsyncConnection) -> Mapping[str, int]:
    """Copy every table into its empty twin; return how many rows each had."""
    copied = {}
    for table in COPIED:
        await target.execute(table.delete())  # a new database knows who may use it
        copied[table.name] = 0
        async for rows in _read(table, source):
            await target.execute(insert(table), [dict(row) for row in rows])
            copied[table.name] += len(rows)
    await _count_on(target, last_incident=await _last_incident(source))
    return copied


async def _read(table: Table, source: AsyncConnection) -> AsyncIterator[Sequence[RowMapping]]:
    """Read in the order of the key: neither driver need hold more than it gives."""
    keys = tuple(table.primary_key.columns)
    page = select(table).order_by(*keys).limit(ROWS)
    rows = (await source.execute(page)).mappings().all()
    while rows:
        yield rows
        last = tuple(rows[-1][key.name] for key in keys)
        after = page.where(tuple_(*keys) > tuple_(*last))
        rows = (await source.execute(after)).mappings().all()


async def settle(target: AsyncConnection) -> None:
    """Make what was copied fit a world that went on since.

    Who held a claim is elsewhere. A message may have been posted since that the rows do not know,
    so each is looked for before it is posted, as after a crash at the moment of the backup. What
    is held back or dropped stays as it is, for one that was tried counts as seen by people.
    """
    await target.execute(DUE.update().values(claim=None, holder=None))
    since = await _newest(target)
    for table in (CARD, NOTICE):
        drawn = table.c.state.in_([CardState.WANTED, CardState.SHOWN])
        tried = {"tries": 1, "tried_at": since}
        await target.execute(table.update().where(drawn, table.c.tries == 0).values(tried))


async def _newest(connection: AsyncConnection) -> datetime | None:
    """Return the newest moment that the rows know, which is hardly older than the backup."""
    moments = [
        (await connection.execute(asked)).scalar()
        for asked in (
            select(func.max(CURSOR.c.heard_until)).where(CURSOR.c.name == LIFE),
            select(func.max(DELIVERY.c.received_at)),
            select(func.max(INCIDENT.c.opened_at)),
            select(func.max(NOTICE.c.opened_at)),
        )
    ]
    return max((moment for moment in moments if moment), default=None)


async def _last_incident(source: AsyncConnection) -> int:
    """Return the highest number that an incident ever had."""
    if source.dialect.name == "sqlite":
        asked = "SELECT seq FROM sqlite_sequence WHERE name = 'incident'"
    else:
        asked = "SELECT pg_sequence_last_value(pg_get_serial_sequence('incident', 'id'))"
    return (await source.execute(text(asked))).scalar() or 0


async def _count_on(target: AsyncConnection, *, last_incident: int) -> None:
    """Give numbers that were never given; people quote those of incidents."""
    if target.dialect.name == "sqlite":
        await target.execute(text("DELETE FROM sqlite_sequence WHERE name = 'incident'"))
        given = text("INSERT INTO sqlite_sequence (name, seq) VALUES ('incident', :last)")
        await target.execute(given, {"last": last_incident})
        return
    for table in METADATA.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            newest = (await target.execute(select(func.max(column)))).scalar() or 0
            last = max(newest, last_incident) if table is INCIDENT else newest
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            await target.execute(select(func.setval(sequence, max(last, 1), last > 0)))


async def is_empty(connection: AsyncConnection) -> bool:
    """Whether nobody ever used it."""
    for table in METADATA.sorted_tables:
        if table is not PROGRAM:
            row = (await connection.execute(select(table.primary_key.columns[0]).limit(1))).first()
            if row is not None:
                return False
    return True


async def count_rows(connection: AsyncConnection) -> Mapping[str, int]:
    return {
        table.name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
        for table in COPIED
    }
