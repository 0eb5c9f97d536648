"""One red lane, from its first failure until it ends."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.errors import UserError
from bot.domain.failure import Cause
from bot.domain.ids import IncidentId, LaneId, RunId
from bot.domain.lane import Lane
from bot.domain.person import Person
from bot.domain.press import Target
from bot.domain.run import Commit, Run
from bot.domain.verdict import Red

REOPENS_WITHIN: Final = timedelta(hours=6)
CALLS_AFTER: Final = timedelta(minutes=15)
UNKNOWN_AFTER: Final = timedelta(hours=2)  # without an answer from GitHub
EXPIRES_AFTER: Final = timedelta(days=30)  # GitHub re-runs nothing older


class State(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ENDED = "ended"


class Ending(StrEnum):
    GREEN = "green"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One red lane, however many runs it breaks."""

    id: IncidentId
    lane_id: LaneId
    lane: Lane
    state: State = State.OPEN
    workflow: str = ""
    """Name of the workflow, as its newest run has it."""
    opened_at: datetime
    red_since: datetime
    """When the first run of this red stretch ended, or its first job failed."""

    run: RunId
    """The newest red run."""
    attempt: int
    number: int
    sha: str
    streak: int = 1
    early: bool = False
    """The newest red run has not ended; nobody is called for it yet."""
    last_green_run: RunId | None = None
    last_green_sha: str = ""
    last_green_at: datetime | None = None

    cause: Cause | None = None
    """Of the largest group of failures; None until a log was read."""
    reason: str = ""
    diagnosed: tuple[int, int] | None = None
    """Run id and attempt that `cause`, `reason`, `jobs` and `suspects` speak of."""
    jobs: int = 0
    suspects: tuple[Commit, ...] = ()
    outlook: str = ""
    """Why the bot does not retry by itself; empty while it does, or does not know."""
    log_wait: str = ""
    """Why the log was not read yet, in words; empty where it was or nothing hinders."""

    green_run: RunId | None = None
    """A newer green run, of which we do not know yet whether the broken job ran in it."""
    green_attempt: int = 0
    owner: Person | None = None
    called_at: datetime | None = None
    """When people were called about the present red stretch."""

    ended_at: datetime | None = None
    ending: Ending | None = None
    ended_by: str = ""
    """What ended it, in words: "a retry by the bot (attempt 2)", "commit 1a2b3c4 by ana"."""
    broken_jobs: tuple[str, ...] = field(default=())
    """Names of the jobs that failed in the newest red run."""
    unconfirmed_since: datetime | None = None
    """Since when GitHub could not be asked whether this is still so."""
    log_wait_until: datetime | None = None
    """About when the log will be read, where only our own budget hinders."""

    @property
    def ended(self) -> bool:
        return self.state is State.ENDED

    def is_unknown(self, now: datetime) -> bool:
        """Whether nobody could say for a while if this is still so."""
        since = self.unconfirmed_since
        return since is not None and not self.ended and now - since >= UNKNOWN_AFTER

    @property
    def target(self) -> Target:
        """What a button on its card is about."""
        return Target(incident=self.id, run=self.run, attempt=self.attempt)

    @property
    def newest(self) -> tuple[int, int]:
        """The newest red attempt it speaks of, in the order of its lane."""
        return self.number, self.attempt

    def join(self, red: Red) -> "Incident":
        """Return this incident with the newest red run of its lane."""
        return replace(
            self,
            run=red.run.id,
            attempt=red.run.attempt,
            number=red.run.number,
            sha=red.run.sha,
            streak=red.streak,
            early=red.early,
            unconfirmed_since=None,
            green_run=None,
            green_attempt=0,
            broken_jobs=(),
            suspects=(),
            outlook="",
            log_wait="",
            log_wait_until=None,
        )

    def acknowledge(self, by: Person) -> "Incident":
        """Return this incident owned by *by*; a double click changes nothing.

        Raises:
            UserError: The incident has ended, so there is nothing to own.
        """
        if self.ended:
            msg = f"Incident #{self.id} has ended, so there is nothing to take."
            raise UserError(msg)
        return replace(self, state=State.ACKNOWLEDGED, owner=by)

    def end(self, how: Ending, *, by: str, at: datetime) -> "Incident":
        """Return this incident ended; one that has ended stays as it is."""
        if self.ended:
            return self
        return replace(
            self,
            state=State.ENDED,
            ending=how,
            ended_by=by,
            ended_at=at,
            green_run=None,
            green_attempt=0,
            log_wait="",
            log_wait_until=None,
        )

    def reopen(self, red: Red, *, at: datetime) -> "Incident":
        """Return this incident open again, as a red stretch of its own that nobody has taken."""
        opened = replace(
            self,
            state=State.OPEN,
            ending=None,
            ended_by="",
            ended_at=None,
            called_at=None,
            owner=None,
            outlook="",
        )
        return opened.starting(red, at=at).join(red)

    def starting(self, red: Red, *, at: datetime) -> "Incident":
        """Return this incident with the beginning of a red stretch."""
        green = red.last_green
        return replace(
            self,
            red_since=min(red.first.updated_at, at),  # a clock may run ahead of ours
            last_green_run=green.id if green else None,
            last_green_sha=green.sha if green else "",
            last_green_at=green.updated_at if green else None,
        )

    def reopens(self, at: datetime) -> bool:
        return self.ended_at is not None and at - self.ended_at <= REOPENS_WITHIN


class Fact(StrEnum):
    """Kinds of timeline lines."""

    OPENED = "opened"
    JOINED = "joined"
    CAUSE = "cause"
    RETRY_PLANNED = "retry_planned"
    RETRY_SENT = "retry_sent"
    RERUN_ELSEWHERE = "rerun_elsewhere"
    RETRY_REFUSED = "retry_refused"
    RETRY_DROPPED = "retry_dropped"
    RETRY_FAILED = "retry_failed"
    ACKNOWLEDGED = "acknowledged"
    CALLED = "called"
    NOT_GREEN = "not_green"
    ENDED = "ended"
    REOPENED = "reopened"
    MISSED = "missed"
    RUN_DELETED = "run_deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """What happened to an incident; unique by incident, kind and source."""

    incident: IncidentId
    kind: Fact
    source: str
    """What it tells of, so that the same fact is told once: "812/1", a press id."""
    at: datetime
    who: str = ""
    what: str = ""
    seq: int = 0
    """Its place in the timeline, given when it is stored."""


def how_it_ended(green: Run, *, incident: Incident, retried_by: str) -> str:
    """Say what turned the lane green: a retry, a commit, or itself.

    Args:
        retried_by: Who asked for the green attempt through us; empty where nobody did.
    """
    if (green.id, green.attempt) == (incident.run, incident.attempt):
        return f"run #{green.number} is green, its failed job may fail"
    if green.id == incident.run and retried_by:
        return f"retry by {retried_by} (attempt {green.attempt})"
    if green.id == incident.run:
        return (
            f"re-run by {green.triggering_actor or 'someone on GitHub'} (attempt {green.attempt})"
        )
    if green.sha == incident.sha:
        return f"run #{green.number} of the same commit"
    by = f" by {green.author or green.actor}" if green.author or green.actor else ""
    return f"commit {green.sha[:7]}{by}"
