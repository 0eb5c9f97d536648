"""What an operator wants to know at a glance, over all processes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.ports.running import Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Due rows of one kind."""

    kind: str
    """A DueKind, or a word of a newer program."""
    due: int
    """How many should be done now."""
    later: int
    set_aside: int
    """How many we gave up, since they broke us again and again."""
    oldest: datetime | None
    """When the longest waiting was due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    now: datetime
    """By the database's clock, as are the moments of processes."""
    leaders: Mapping[str, str] = field(default_factory=dict)
    """Leases, with the process that holds each."""
    waiting: Sequence[Waiting] = ()
    deliveries_set_aside: int = 0
    newest_delivery: datetime | None = None
    open_incidents: int = 0
    unconfirmed_incidents: int = 0
    """How many of the open ones GitHub could not be asked about."""
    budgets: Mapping[str, Budget] = field(default_factory=dict)


class OverviewRows(Protocol):
    async def overview(self, now: datetime) -> Overview:
        """Return the counts of this moment; *now* is the bot's clock, by which rows are due."""
        ...
