"""Retries: at most one live wish an attempt, however many people press."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import bindparam, select, update

from bot.adapters.storage.part import Part, loaded, row_of
from bot.adapters.storage.tables import IS_LIVE, RETRY
from bot.adapters.storage.upsert import upsert
from bot.domain.ids import IncidentId, RetryId, RunId
from bot.domain.retry import Retry
from bot.ports.rows import RetryRows

_NEW = upsert(RETRY, keys=("run", "attempt"), keys_where=IS_LIVE, returning=[RETRY.c.id])
_SAVE = update(RETRY).where(RETRY.c.id == bindparam("of_id"))
_ONE = select(RETRY).where(RETRY.c.id == bindparam("of_id"))
_LIVE = select(RETRY).where(
    RETRY.c.run == bindparam("of_run"), RETRY.c.attempt == bindparam("of_attempt"), IS_LIVE
)
_OF_INCIDENT = (
    select(RETRY).where(RETRY.c.incident == bindparam("of_incident")).order_by(RETRY.c.id)
)
_OF_RUN = select(RETRY).where(RETRY.c.run == bindparam("of_run")).order_by(RETRY.c.id)


class Retries(Part):
    async def retry(self, id: RetryId) -> Retry | None:
        row = await self._held(_ONE, of_id=id)
        return loaded(Retry, row) if row else None

    async def new_retry(self, retry: Retry) -> Retry | None:
        values = row_of(retry)
        del values["id"]
        id = (await self._write(_NEW, values)).scalar_one_or_none()
        return None if id is None else replace(retry, id=RetryId(id))

    async def save_retry(self, retry: Retry) -> None:
        values = row_of(retry)
        await self._write_one(_SAVE, values | {"of_id": values.pop("id")})

    async def live_retry(self, run: RunId, attempt: int) -> Retry | None:
        row = await self._held(_LIVE, of_run=run, of_attempt=attempt)
        return loaded(Retry, row) if row else None

    async def retries(self, incident: IncidentId) -> Sequence[Retry]:
        rows = await self._all(_OF_INCIDENT, of_incident=incident)
        return [loaded(Retry, row) for row in rows]

    async def retries_of_run(self, run: RunId) -> Sequence[Retry]:
        rows = await self._all(_OF_RUN, of_run=run)
        return [loaded(Retry, row) for row in rows]


def _promise(rows: Retries) -> RetryRows:
    return rows
