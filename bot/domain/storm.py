"""When many builds break at once, a channel is told of them together."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.failure import Cause
from bot.domain.ids import RepoId
from bot.domain.incident import Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class StormPolicy:
    """From when on new incidents of a channel are held back, and for how long."""

    digest_from: int = 10
    """So many new incidents within `window` still get a card each; a digest tells of more."""
    window: timedelta = timedelta(minutes=5)

    def holds(self, new: int) -> bool:
        """Whether the newest of *new* incidents within the window is held back."""
        return new > self.digest_from

    def over_at(self, newest: datetime) -> datetime:
        """When a storm ends in which nothing new follows *newest*."""
        return newest + self.window


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many incidents of a digest are alike."""

    repo: RepoId
    cause: Cause | None
    ending: Ending | None
    """None while they are broken."""
    incidents: int
    held: int
    """Those without a card of their own."""
    calling: int
    """Those broken for which a person is needed, and which nobody has taken."""
    newest: datetime
    """When the last of them was opened."""
