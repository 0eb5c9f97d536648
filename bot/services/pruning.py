"""Once a day, what only the past needed goes, a little at a time so that nobody waits."""

from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from bot.domain.retention import RetentionPolicy
from bot.domain.work import Due, DueKind
from bot.ports.clock import Clock
from bot.ports.pruning import Prunable, PruneRows
from bot.ports.rows import DueRows
from bot.ports.store import Store

log = structlog.get_logger()

EVERY: Final = timedelta(days=1)
FIRST: Final = timedelta(minutes=10)  # a start has other things to do
ROWS: Final = 1_000  # a transaction
RUNS: Final = 100  # attempts, each with all its jobs
OLD_RUNS: Final = "runs"


class PruneTx(PruneRows, DueRows, Protocol):
    """Rows that pruning touches."""


class Pruning:
    def __init__(self, store: Store[PruneTx], retention: RetentionPolicy, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._kept: dict[Prunable, timedelta | None] = {
            Prunable.DELIVERIES: retention.deliveries,
            Prunable.PRESSES: retention.presses,
            Prunable.NOTICES: retention.presses,
            Prunable.BLIND: retention.runs,
            Prunable.SET_ASIDE: retention.set_aside,
            Prunable.SET_ASIDE_DELIVERIES: retention.set_aside,
            Prunable.INCIDENTS: retention.incidents,
        }
        self._kept_runs = retention.runs

    async def start(self) -> None:
        """Make the schedule; harmless to repeat."""
        at = self._clock.now() + FIRST
        async with self._store.begin() as tx:
            for what in (OLD_RUNS, *Prunable):
                await tx.due(DueKind.PRUNE, what, key="prune", at=at)

    async def prune(self, due: Due) -> datetime | None:
        """Remove one batch; say when the next is due."""
        now = self._clock.now()
        if due.id == OLD_RUNS:
            more = await self._prune_runs(now - self._kept_runs) > 0
        elif due.id in self._kept:
            more = await self._prune_rows(Prunable(due.id), now) == ROWS
        else:  # what only a newer program prunes
            more = False
        return now if more else now + EVERY

    async def _prune_rows(self, what: Prunable, now: datetime) -> int:
        kept = self._kept[what]
        if kept is None:
            return 0
        async with self._store.begin() as tx:
            gone = await tx.prune(what, before=now - kept, most=ROWS)
        if gone:
            log.info("pruned", what=what, rows=gone)
        return gone

    async def _prune_runs(self, before: datetime) -> int:
        # To find them takes longer than to remove them, and reading holds nobody back.
        async with self._store.read() as tx:
            runs = await tx.old_runs(before=before, most=RUNS)
        if runs:
            async with self._store.begin() as tx:
                await tx.drop_runs(runs)
            log.info("pruned", what=OLD_RUNS, rows=len(runs))
        return len(runs)
