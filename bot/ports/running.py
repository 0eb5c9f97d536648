"""Rows about those who run: processes, who leads, shared budgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.ports.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One running `serve`."""

    id: str
    roles: tuple[str, ...]
    version: str
    host: str
    pid: int
    started_at: datetime
    seen_at: datetime
    standing: Mapping[str, Finding] = field(default_factory=dict)
    """How each thing it depends on does, by name."""


class ProcessRows(Protocol):
    async def seen(self, process: Process) -> None:
        """Record that a process lives; moments are the database's, so that clocks may differ."""
        ...

    async def processes(self) -> Sequence[Process]: ...

    async def gone(self, id: str) -> None:
        """Forget a process that ended; what it held is free at once."""
        ...

    async def bury(self, *, silent_for: timedelta) -> Sequence[str]:
        """Forget processes that were not seen for so long, and free what they held."""
        ...


class LeaseRows(Protocol):
    async def take_lease(self, name: str, *, process: str, lasts: timedelta) -> bool:
        """Take or renew a lease by the database's clock; False while another holds it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a far side may still be asked, by us all."""

    remaining: int | None = None
    """Requests left until `resets_at`; None until an answer told."""
    total: int | None = None
    """Requests that there are for the whole hour."""
    resets_at: datetime | None = None
    quiet_until: datetime | None = None


class BudgetRows(Protocol):
    async def take_points(
        self, name: str, *, points: int, most: int, window: timedelta, now: datetime
    ) -> timedelta:
        """Take *points* of the *most* that all processes may use in a window.

        Returns zero where they were granted, else how long until the next window.
        """
        ...

    async def budget(self, name: str) -> Budget: ...

    async def save_budget(self, name: str, budget: Budget) -> None:
        """Keep what the far side said; the later `resets_at` and `quiet_until` win."""
        ...
