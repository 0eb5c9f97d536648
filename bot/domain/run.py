"""What GitHub says of repositories, runs and jobs, in our types."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.ids import InstallationId, JobId, RepoId, RunId, WorkflowId


class Status(StrEnum):
    """How far a run or job is; GitHub's finer shades before the start are one to us."""

    QUEUED = "queued"
    RUNNING = "in_progress"
    COMPLETED = "completed"


class Conclusion(StrEnum):
    """How a run, job or step ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    TIMED_OUT = "timed_out"
    STARTUP_FAILURE = "startup_failure"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    NEUTRAL = "neutral"
    ACTION_REQUIRED = "action_required"
    STALE = "stale"
    UNKNOWN = "unknown"  # a word that GitHub added after this was written


RED: Final = frozenset({Conclusion.FAILURE, Conclusion.TIMED_OUT, Conclusion.STARTUP_FAILURE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository as the newest payload has it."""

    id: RepoId
    full_name: str
    private: bool
    default_branch: str
    url: str
    installation: InstallationId | None = None
    """The App installation that reaches it; None where a token is used."""
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    sha: str
    title: str
    author: str
    """The GitHub login where known, else the name in the commit."""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One attempt of a workflow run; a re-run keeps the id and raises the attempt."""

    id: RunId
    attempt: int
    number: int
    """Counts the runs of one workflow; a later push has a higher number."""
    repo: RepoId
    workflow: WorkflowId
    workflow_name: str
    event: str
    head_branch: str | None
    """A branch or a tag: GitHub does not say which."""
    head_repo: RepoId | None
    """None once a fork is deleted."""
    sha: str
    status: Status
    conclusion: Conclusion | None = None
    title: str = ""
    actor: str = ""
    """Login of who started the first attempt; a re-run has that person's rights."""
    triggering_actor: str = ""
    """Login of who started this attempt."""
    author: str = ""
    """Name in the head commit; its login is not in the payload."""
    url: str = ""
    created_at: datetime
    updated_at: datetime

    @property
    def red(self) -> bool:
        return self.conclusion in RED

    @property
    def green(self) -> bool:
        return self.conclusion is Conclusion.SUCCESS

    @property
    def from_fork(self) -> bool:
        if self.head_repo is None:  # of a deleted fork, or left out by an old payload
            return self.event.startswith("pull_request")
        return self.head_repo != self.repo

    @property
    def age_key(self) -> tuple[int, int]:
        """Order within a lane: by run number, then by attempt."""
        return self.number, self.attempt

    @property
    def progress(self) -> tuple[bool, int, datetime]:
        """Order of what is said of one attempt, so that a late delivery changes nothing."""
        return (
            self.status is Status.COMPLETED,
            [*Status].index(self.status),
            self.updated_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    number: int
    name: str
    conclusion: Conclusion | None
    started_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job of one attempt; a re-run makes new ids."""

    id: JobId
    run: RunId
    attempt: int
    name: str
    status: Status
    conclusion: Conclusion | None
    steps: tuple[Step, ...] = ()
    url: str = ""
    environment: str = ""
    """Where it deploys to; only deliveries tell, the jobs API does not."""
    delivered: bool = False
    """GitHub itself has told of it, so that no environment means that it deploys nowhere."""
    started_at: datetime | None = None
    completed_at: datetime | None = None

    @property
    def red(self) -> bool:
        return self.conclusion in RED

    @property
    def failing_step(self) -> Step | None:
        """The first step that failed; what fails after it is often only the clean-up."""
        return next((step for step in self.steps if step.conclusion in RED), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A note that GitHub keeps beside a job; all there is where a job left no log."""

    message: str
    level: str = "failure"
    title: str = ""
    path: str = ""
