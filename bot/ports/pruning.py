"""Rows that only the past needs, and that are removed one day."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from bot.domain.ids import RunId

KEPT_RUNS: Final = 100  # run numbers of each lane, however old; no judgement looks further back


class Prunable(StrEnum):
    DELIVERIES = "deliveries"
    PRESSES = "presses"
    NOTICES = "notices"
    BLIND = "blind"
    SET_ASIDE = "set aside"  # due rows
    SET_ASIDE_DELIVERIES = "set aside deliveries"
    INCIDENTS = "incidents"  # with their lines, cards and retries


class PruneRows(Protocol):
    async def prune(self, what: Prunable, *, before: datetime, most: int) -> int:
        """Remove up to *most* that ended before then, and return how many there were.

        What is open, due, or (but for its own kind) set aside stays.
        """
        ...

    async def old_runs(self, *, before: datetime, most: int) -> Sequence[RunId]:
        """Return runs that ended before then, and that nothing needs; *most* of their attempts.

        Needed are runs of a lane that has an open incident, and the newest of each lane.
        """
        ...

    async def drop_runs(self, runs: Sequence[RunId]) -> None:
        """Remove all attempts of these runs, with their jobs and diagnoses."""
        ...
