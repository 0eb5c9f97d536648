"""In which order logs are read while GitHub's budget is short: who matters most, then the newest.

Nobody asks every few seconds: each is told when his turn may come, by how many go before him.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.domain.errors import BusyError
from bot.domain.ids import InstallationId
from bot.domain.incident import Incident
from bot.domain.run import Repository
from bot.ports.clock import Clock
from bot.ports.rows import DiagnosisRows, Waiting
from bot.ports.store import Store

ROUND: Final = 20  # may try at once, about as many as ten seconds of the budget are enough for
PER_SECOND: Final = 2.0  # are read from one budget: 12 requests, some five of them for each
LONGEST: Final = timedelta(minutes=10)  # then one looks anew how many are before him
STAYS_SHORT: Final = timedelta(seconds=30)  # after it could be asked again, before it is believed
REMEMBERED: Final = timedelta(seconds=5)
UNSAID: Final = timedelta(seconds=10)
NONE: Final = timedelta(0)
Payer = InstallationId | None


class TurnTx(DiagnosisRows, Protocol):
    """Rows that say who waits."""


@dataclass(frozen=True, slots=True)
class _Crowd:
    """Who waited when we looked last."""

    at: datetime
    ranks: list[tuple[bool, int]]

    def before(self, rank: tuple[bool, int]) -> int:
        return len(self.ranks) - bisect_right(self.ranks, rank)


class Turns:
    """Remembers refusals; after a restart the first one is made anew."""

    def __init__(self, store: Store[TurnTx], clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._short_until: dict[Payer, datetime] = {}
        self._crowds: dict[Payer, _Crowd] = {}

    def is_short(self, repo: Repository) -> bool:
        """Whether requests that can be spared should be."""
        until = self._short_until.get(repo.installation)
        return until is not None and self._clock.now() < until + STAYS_SHORT

    async def wait(self, incident: Incident, repo: Repository) -> timedelta:
        """Return how long to let others go first; zero: it is your turn."""
        if not self.is_short(repo):
            return NONE
        before = await self._before(incident, repo)
        closed = max(self._short_until[repo.installation] - self._clock.now(), NONE)
        if before < ROUND and not closed:
            return NONE
        return closed + min(timedelta(seconds=before / PER_SECOND), LONGEST)

    async def refused(self, incident: Incident, repo: Repository, busy: BusyError) -> timedelta:
        """Remember that the budget is used up; return how long to wait for a turn."""
        until = self._clock.now() + (busy.after or UNSAID)
        self._short_until[repo.installation] = until
        return await self.wait(incident, repo)

    async def _before(self, incident: Incident, repo: Repository) -> int:
        now, known = self._clock.now(), self._crowds.get(repo.installation)
        if known is None or not NONE <= now - known.at < REMEMBERED:
            async with self._store.read() as tx:
                waiting = await tx.undiagnosed(repo.installation)
            known = _Crowd(now, sorted(one.rank for one in waiting))
            self._crowds[repo.installation] = known
        mine = Waiting(incident=incident.id, lane=incident.lane, default_branch=repo.default_branch)
        return known.before(mine.rank)
