"""How everything does that this process depends on: for /readyz, metrics and its own row."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from bot.adapters.web.door import Readiness
from bot.app.crew import Crew
from bot.app.listening import Listening
from bot.app.presence import CHATS, Presence
from bot.config.values import Role
from bot.domain.errors import TransientError
from bot.domain.person import Platform
from bot.messages.card import duration
from bot.messages.text import count_of
from bot.ports.clock import Clock
from bot.ports.finding import Finding
from bot.ports.overview import Overview, OverviewRows
from bot.ports.running import Process
from bot.ports.store import Store

LOOK_AGAIN: Final = timedelta(seconds=10)  # what all processes see alike need not be fresher
OVERDUE: Final = timedelta(minutes=10)  # work that should have been done by then


class GitHubStanding:
    """When GitHub last answered; what it refuses is an answer too."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._answered_at: datetime | None = None
        self._failed: tuple[datetime, int] | None = None

    def answered(self, status: int) -> None:
        """Note an answer, 0 for none at all; called from any thread."""
        bad = status in (0, HTTPStatus.UNAUTHORIZED) or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        if not bad:
            self._answered_at, self._failed = self._clock.now(), None
        elif self._failed is None:
            self._failed = self._clock.now(), status

    @property
    def finding(self) -> Finding:
        now = self._clock.now()
        if self._failed:
            since, status = self._failed
            text = f"GitHub fails for {duration(since, now)}: {_why(status)}"
            return Finding(ok=False, text=text)
        if self._answered_at is None:
            return Finding(ok=True, text="GitHub was not asked yet.")
        return Finding(ok=True, text=f"GitHub answered {duration(self._answered_at, now)} ago.")


def _why(status: int) -> str:
    if status == HTTPStatus.UNAUTHORIZED:
        return "it refuses our credentials (401). Check GITHUB_TOKEN, or the key of the App."
    return f"it answers {status}." if status else "it can't be reached."


@dataclass(kw_only=True)
class Standing:
    """Looks at everything; slow or absent things make it no slower."""

    store: Store[OverviewRows]
    clock: Clock
    process: Process
    presence: Presence
    crew: Crew
    github: GitHubStanding
    ears: Mapping[Platform, Listening]
    connected: Callable[[], bool] | None = None
    """Whether wakes arrive; None where they need no connection."""
    overview: Overview | None = None
    """As of the last look; None until the database told."""
    _looked_at: datetime | None = None

    async def findings(self) -> Mapping[str, Finding]:
        await self._look()
        return dict(self._all())

    async def readiness(self) -> Readiness:
        """Say whether deliveries are taken and work is done; a chat that is away only delays."""
        needed = {"database"} | ({"worker"} if self._does(Role.WORKER, Role.CHAT) else set())
        return Readiness(found=await self.findings(), needed=frozenset(needed))

    async def well(self) -> bool:
        """Whether we can do our job, and nobody's work lies about undone."""
        state = await self.readiness()
        return state.ready and "backlog" not in state.degraded

    def _does(self, *roles: Role) -> bool:
        return not set(roles).isdisjoint(self.process.roles)

    async def _look(self) -> None:
        now = self.clock.now()
        if self._looked_at and timedelta(0) <= now - self._looked_at < LOOK_AGAIN:
            return
        self._looked_at = now
        try:
            async with self.store.read() as tx:
                self.overview = await tx.overview(now)
        except TransientError:
            self._looked_at = None

    def _all(self) -> Iterator[tuple[str, Finding]]:
        yield "database", self._database()
        if self._does(Role.WORKER, Role.CHAT):
            yield "worker", self._worker()
            yield "github", self.github.finding
        if self.connected:
            yield "waker", _waker(connected=self.connected())
        for name, listening in self.ears.items():
            leads = self.presence.leading.held
            yield name, listening.finding(expected=leads or name is not Platform.DISCORD)
        if self._does(Role.CHAT):
            yield "leader", self._leader()
        if self.overview:
            yield "backlog", self._backlog(self.overview)
            yield "intake", self._intake(self.overview)

    def _database(self) -> Finding:
        if self.presence.trouble:
            return Finding(ok=False, text=f"The database fails: {self.presence.trouble}")
        return Finding(ok=True, text="The database answers.")

    def _worker(self) -> Finding:
        if self.crew.broken:
            return Finding(ok=False, text=f"The worker has died: {self.crew.broken}.")
        if not self.presence.alive.held:
            return Finding(ok=False, text="The worker waits for the database.")
        return Finding(ok=True, text="The worker works.")

    def _leader(self) -> Finding:
        if self.presence.leading.held:
            return Finding(ok=True, text="This process leads the chats.")
        if self.overview and self.overview.leaders.get(CHATS):
            return Finding(ok=True, text="Another process leads the chats.")
        return Finding(ok=False, text="Nobody leads the chats, so no card is drawn.")

    def _backlog(self, overview: Overview) -> Finding:
        due = sum(waiting.due for waiting in overview.waiting)
        oldest = min((one.oldest for one in overview.waiting if one.oldest), default=None)
        if oldest is None:
            return Finding(ok=True, text="Nothing waits to be done.")
        now = self.clock.now()
        text = f"{count_of(due, 'row')} to be done, the oldest for {duration(oldest, now)}."
        return Finding(ok=now - oldest < OVERDUE, text=text)

    def _intake(self, overview: Overview) -> Finding:
        if overview.newest_delivery is None:
            return Finding(ok=True, text="No delivery came yet.")
        age = duration(overview.newest_delivery, self.clock.now())
        return Finding(ok=True, text=f"The newest delivery came {age} ago.")


def _waker(*, connected: bool) -> Finding:
    if connected:
        return Finding(ok=True, text="Wakes arrive.")
    return Finding(ok=False, text="Wakes do not arrive, so work begins up to 30 s late.")
