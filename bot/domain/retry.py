"""Whether to run a failed run again, and our wishes to do so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

from bot.domain.failure import Advice, Cause, Diagnosis
from bot.domain.ids import IncidentId, RepoId, RetryId, RunId
from bot.domain.lane import LaneKind
from bot.domain.person import Person

GITHUB_RERUNS: Final = 50  # re-runs of one run that GitHub allows, since 2026-04-10
GITHUB_AGE: Final = timedelta(days=30)  # after the first attempt


class Scope(StrEnum):
    FAILED = "failed"
    ALL = "all"


class RetryState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    DONE_ELSEWHERE = "done_elsewhere"  # GitHub said that it runs already
    REFUSED = "refused"
    DROPPED = "dropped"  # what it was for is gone: a newer run, an ended incident


UNSEEN_DEPLOYMENTS: Final = "I can't see whether this run deploys, so a person decides"


class Deploys(StrEnum):
    """Whether a run deploys."""

    YES = "yes"
    NO = "no"
    UNSEEN = "unseen"  # nobody told us, and GitHub does not


LIVE: Final = frozenset({RetryState.WAITING, RetryState.SENT, RetryState.DONE_ELSEWHERE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Our wish to re-run one attempt of one run; at most one live wish an attempt."""

    id: RetryId
    incident: IncidentId
    repo: RepoId
    run: RunId
    attempt: int
    """The failed attempt that is to be run again."""
    scope: Scope = Scope.FAILED
    debug: bool = False
    by: Person | None = None
    """None: the bot by itself."""
    confirmed: bool = False
    """The person was told of a newer run, or that it is a release, and said yes."""
    why: str = ""
    due_at: datetime
    state: RetryState = RetryState.WAITING
    outcome: str = ""
    tries: int = 0
    """How often the request was sent without an outcome being recorded."""
    tried_at: datetime | None = None
    created_at: datetime

    @property
    def who(self) -> str:
        return self.by.name or self.by.id if self.by else "the bot"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRun:
    """All that the decision to retry looks at."""

    failures: Sequence[Diagnosis]
    """Of the failed jobs whose log was read."""
    groups: int
    """Different failures: a matrix that fails the same way counts once."""
    unread_jobs: int
    green_jobs: int
    done: int
    """Re-runs of this run that the bot itself has started."""
    attempt: int
    lane: LaneKind
    workflow: str
    deploys: Deploys
    from_fork: bool
    newer_run: bool
    cancelled: bool
    seen_on_commit: frozenset[str]
    """Fingerprints that failed on this commit before this attempt."""
    age: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    after: timedelta
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveFailed:
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A retry would help, but a person must want it."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    max_retries: int = 1
    waits: tuple[timedelta, ...] = (
        timedelta(seconds=60),
        timedelta(minutes=5),
        timedelta(minutes=20),
    )
    longest_wait: timedelta = timedelta(hours=1)
    """Whatever a rule asks for."""
    most_groups: int = 5
    least_green: float = 0.3
    """Share of green jobs and failures together; asked from `green_counts_from` of them up."""
    green_counts_from: int = 4
    releases: bool = False
    """Also re-run releases and deployments without asking."""
    release_workflows: tuple[str, ...] = ()
    """Patterns of workflow names that publish or deploy, whatever starts them."""

    def is_release(self, lane: LaneKind, *, workflow: str, deploys: Deploys) -> bool:
        """Whether a run publishes or deploys, as far as we know; in doubt it does."""
        named = any(fnmatchcase(workflow, pattern) for pattern in self.release_workflows)
        return lane in (LaneKind.TAG, LaneKind.RELEASE) or named or deploys is not Deploys.NO

    def decide(self, run: FailedRun) -> Rerun | LeaveFailed | Offer:
        """Say what to do with a failed run, and why."""
        if why := self._hopeless(run) or self._forbidden(run):
            return LeaveFailed(why=why)
        releases = self.is_release(run.lane, workflow=run.workflow, deploys=run.deploys)
        if releases and not self.releases:
            return Offer(why=self._reserved(run))
        wait = self.waits[min(run.done, len(self.waits) - 1)]
        asked = max([wait, *(failure.wait for failure in run.failures)])
        return Rerun(
            after=min(asked, self.longest_wait),
            why="this usually passes on a retry",
        )

    def _reserved(self, run: FailedRun) -> str:
        """Why a person must want it."""
        known = self.is_release(run.lane, workflow=run.workflow, deploys=Deploys.NO)
        if run.deploys is Deploys.UNSEEN and not known:
            return UNSEEN_DEPLOYMENTS
        return "a person decides about releases"

    def _hopeless(self, run: FailedRun) -> str:
        """Why a retry would not help."""
        if not run.failures:
            return "no failed job could be read"
        if why := self._without_promise(run):
            return why
        if run.unread_jobs:
            return f"not every log was read, {run.unread_jobs} missing"
        if run.groups > self.most_groups:
            return f"{run.groups} different jobs failed, which is no accident"
        counted = run.green_jobs + run.groups
        if counted >= self.green_counts_from and run.green_jobs < self.least_green * counted:
            return f"too much is broken ({run.groups} failures, {run.green_jobs} green)"
        return ""

    def _without_promise(self, run: FailedRun) -> str:
        """Why one of its failures would come again."""
        if any(failure.cause is Cause.UNKNOWN for failure in run.failures):
            return "I do not know the cause"
        if stubborn := [failure for failure in run.failures if self._is_stubborn(failure, run)]:
            return f"{stubborn[0].cause.words} does not pass by itself"
        return ""

    @staticmethod
    def _is_stubborn(failure: Diagnosis, run: FailedRun) -> bool:
        if failure.retry is Advice.ONCE:
            return failure.fingerprint in run.seen_on_commit
        return failure.retry is Advice.NO

    def _forbidden(self, run: FailedRun) -> str:
        """Why we may not, though it might help."""
        spent = "a retry did not help" if run.done == 1 else f"{run.done} retries did not help"
        reasons = (
            (run.cancelled, "the run was cancelled"),
            (run.from_fork, "it is a fork's run"),
            (run.lane is LaneKind.QUEUE, "the merge queue makes a new run for each entry"),
            (run.newer_run, "a newer run has started"),
            (run.age >= GITHUB_AGE, "GitHub re-runs nothing older than 30 days"),
            (run.attempt > GITHUB_RERUNS, f"GitHub allows {GITHUB_RERUNS} re-runs of one run"),
            (not self.max_retries, "automatic retries are switched off"),
            (run.done >= self.max_retries, spent),
        )
        return next((why for applies, why in reasons if applies), "")
