"""How far we have heard, when we heard nothing, and what came of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import bindparam, case, exists, func, or_, select, update

from bot.adapters.storage.part import Part, loaded, row_of
from bot.adapters.storage.tables import (
    ATTEMPT,
    BLIND,
    CURSOR,
    DELIVERY,
    IS_LATE,
    IS_UNFINISHED,
)
from bot.adapters.storage.upsert import all_but, upsert
from bot.domain.events import RETOLD
from bot.domain.ids import DeliveryId, RepoId, RunId
from bot.domain.run import RED, Conclusion, Run
from bot.ports.hearing import Blind, Cursor, HearingRows, Recovered

T = TypeVar("T")

MANY: Final = 500  # parameters of one query; SQLite takes 32,766, but plans grow slow

_RUN = [column for column in ATTEMPT.c if column.name not in ("lane", "late_at")]
_NEWER = ATTEMPT.alias("newer")
_IS_NEWEST = ~exists().where(_NEWER.c.id == ATTEMPT.c.id, _NEWER.c.attempt > ATTEMPT.c.attempt)

_CURSOR = select(CURSOR).where(CURSOR.c.name == bindparam("of_name"))
_CURSORS = select(CURSOR).where(
    CURSOR.c.name >= bindparam("first"), CURSOR.c.name < bindparam("end")
)
_SAVE_CURSOR = upsert(CURSOR, keys=("name",), update=all_but(CURSOR, "name"))
_BLIND = select(BLIND).where(BLIND.c.id == bindparam("of_id"))
_BLINDS = (
    select(BLIND)
    .where(or_(BLIND.c.until.is_(None), BLIND.c.until >= bindparam("earliest")))
    .order_by(BLIND.c.since.desc())
)
_LASTS = select(BLIND).where(BLIND.c.source == bindparam("of_source"), BLIND.c.until.is_(None))
_BEGUN = select(BLIND).where(
    BLIND.c.source == bindparam("of_source"), BLIND.c.since == bindparam("of_since")
)
_BEGIN = upsert(BLIND, keys=("source", "since"))
_SAVE_BLIND = update(BLIND).where(BLIND.c.id == bindparam("of_id"))
_RECOVERED = (
    select(
        ATTEMPT.c.repo,
        func.count().label("runs"),
        func.sum(case((ATTEMPT.c.conclusion.in_(sorted(RED)), 1), else_=0)).label("failures"),
    )
    .where(
        IS_LATE,
        ATTEMPT.c.late_at >= bindparam("end"),
        ATTEMPT.c.updated_at >= bindparam("begin"),
        ATTEMPT.c.updated_at <= bindparam("end"),
        ATTEMPT.c.conclusion != Conclusion.SKIPPED,
    )
    .group_by(ATTEMPT.c.repo)
)
_STORED = select(DELIVERY.c.id).where(DELIVERY.c.id.in_(bindparam("ids", expanding=True)))
_WAITS = (
    select(DELIVERY.c.id)
    .where(
        DELIVERY.c.received_at >= bindparam("earliest"),
        DELIVERY.c.id.startswith(RETOLD),
        DELIVERY.c.done_at.is_(None),
        DELIVERY.c.error.is_(None),
    )
    .limit(1)
)
_KNOWN = select(*_RUN).where(ATTEMPT.c.id.in_(bindparam("ids", expanding=True)), _IS_NEWEST)
_UNFINISHED = (
    select(*_RUN)
    .where(
        IS_UNFINISHED,
        ATTEMPT.c.updated_at < bindparam("latest"),
        _IS_NEWEST,
    )
    .order_by(ATTEMPT.c.updated_at.desc())
    .limit(bindparam("most"))
)
_UNFINISHED_HERE = _UNFINISHED.where(ATTEMPT.c.repo == bindparam("of_repo"))


class Hearings(Part):
    async def cursor(self, name: str) -> Cursor | None:
        row = await self._held(_CURSOR, of_name=name)
        return loaded(Cursor, row) if row else None

    async def cursors(self, prefix: str) -> Sequence[Cursor]:
        end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        return [loaded(Cursor, row) for row in await self._all(_CURSORS, first=prefix, end=end)]

    async def save_cursor(self, cursor: Cursor) -> None:
        await self._write(_SAVE_CURSOR, row_of(cursor))

    async def open_blind(self, source: str, *, since: datetime) -> Blind:
        row = await self._one(_LASTS, of_source=source)
        if row is None:
            values = row_of(Blind(id=0, source=source, since=since))
            del values["id"]
            await self._write(_BEGIN, values)
            row = await self._one(_BEGUN, of_source=source, of_since=since)
        if row is None:
            msg = f"the blind time of {source} was deleted while it was made"
            raise LookupError(msg)
        return loaded(Blind, row)

    async def blind(self, id: int) -> Blind | None:
        row = await self._held(_BLIND, of_id=id)
        return loaded(Blind, row) if row else None

    async def save_blind(self, blind: Blind) -> None:
        values = row_of(blind)
        del values["id"]
        await self._write_one(_SAVE_BLIND, {**values, "of_id": blind.id})

    async def blinds(self, *, since: datetime) -> Sequence[Blind]:
        return [loaded(Blind, row) for row in await self._all(_BLINDS, earliest=since)]

    async def recovered(self, blind: Blind) -> Sequence[Recovered]:
        if blind.until is None:
            return []
        rows = await self._all(_RECOVERED, begin=blind.since, end=blind.until)
        return [
            Recovered(repo=RepoId(row["repo"]), runs=row["runs"], failures=int(row["failures"]))
            for row in rows
        ]

    async def stored(self, ids: Collection[DeliveryId]) -> frozenset[DeliveryId]:
        found: set[DeliveryId] = set()
        for some in _in_parts(sorted(ids)):
            found.update(row["id"] for row in await self._all(_STORED, ids=some))
        return frozenset(found)

    async def retold_waits(self, *, since: datetime) -> bool:
        return await self._one(_WAITS, earliest=since) is not None

    async def known_runs(self, ids: Collection[RunId]) -> Mapping[RunId, Run]:
        found: list[Run] = []
        for some in _in_parts(sorted(ids)):
            found.extend(loaded(Run, row) for row in await self._all(_KNOWN, ids=some))
        return {run.id: run for run in found}

    async def unfinished_runs(
        self, *, before: datetime, most: int, repo: RepoId | None = None
    ) -> Sequence[Run]:
        if repo is None:
            rows = await self._all(_UNFINISHED, latest=before, most=most)
        else:
            rows = await self._all(_UNFINISHED_HERE, latest=before, most=most, of_repo=repo)
        return [loaded(Run, row) for row in rows]


def _in_parts(values: Sequence[T]) -> Sequence[Sequence[T]]:
    return [values[start : start + MANY] for start in range(0, len(values), MANY)]


def _promise(rows: Hearings) -> HearingRows:
    return rows
