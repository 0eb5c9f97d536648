"""A job of one attempt: its steps, its log and what it annotated."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bot.standins.github.refusal import RefusalError, not_found

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.standins.github.deployments import Deployment
    from bot.standins.github.runs import Run

FIRST_STEP: Final = "Set up job"
LAST_STEP: Final = "Complete job"
STEPS: Final = ("Run actions/checkout@v4", "Build")
BAD: Final = frozenset({"failure", "cancelled", "timed_out", "startup_failure"})


class LogState(StrEnum):
    KEPT = "kept"
    LOST = "lost"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A remark on a check run, such as `The runner has received a shutdown signal`."""

    message: str
    level: str = "failure"
    path: str = ".github"
    line: int = 1
    title: str = ""


@dataclass(slots=True, kw_only=True)
class Step:
    number: int
    name: str
    status: str = "queued"
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None

    def end(self, conclusion: str, at: datetime) -> None:
        self.status = "completed"
        self.conclusion = conclusion
        self.started_at = self.started_at or at
        self.completed_at = at


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """One job of one attempt; a re-run makes another with another id."""

    id: int
    run: Run
    attempt: int
    name: str
    created_at: datetime
    steps: list[Step]
    environment: str = ""
    deployment: Deployment | None = None
    labels: tuple[str, ...] = ("ubuntu-latest",)
    status: str = "queued"
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    log: bytes = b""
    log_state: LogState = LogState.KEPT
    annotations: list[Annotation] = field(default_factory=list)

    def begin(self, now: datetime) -> None:
        self.status = "in_progress"
        self.started_at = now
        if self.environment:
            self.deployment = self.run.deploy(self.environment)
        self.steps[0].end("success", now)
        if len(self.steps) > 1:
            self.steps[1].status = "in_progress"
            self.steps[1].started_at = now

    def end(self, conclusion: str, now: datetime, *, failed_step: str | None = None) -> None:
        """Finish the job and its steps; without *failed_step* the last real one fails."""
        self.status = "completed"
        self.conclusion = conclusion
        self.started_at = self.started_at or now
        self.completed_at = now
        if conclusion == "skipped":
            self.steps.clear()
        elif conclusion in BAD:
            self._fail(failed_step or self.steps[-2].name, conclusion, now)
        else:
            for step in self.steps:
                step.end("success", now)

    def lose_log(self) -> None:
        """Let the log be as if it had never been written."""
        self.log_state = LogState.LOST

    def expire_log(self) -> None:
        """Let the log be thrown away before its time."""
        self.log_state = LogState.EXPIRED

    def readable_log(self, now: datetime) -> bytes:
        """Return the log.

        Raises:
            RefusalError: The job still runs, never had a log, or it was thrown away.
        """
        if self.status != "completed" or self.log_state is LogState.LOST or not self.steps:
            raise not_found()
        too_old = (
            self.completed_at and now - self.completed_at > self.run.world.limits.log_retention
        )
        if self.log_state is LogState.EXPIRED or too_old:
            raise RefusalError(410, "Server Error")
        return self.log

    def _fail(self, failed_step: str, conclusion: str, now: datetime) -> None:
        if failed_step not in [step.name for step in self.steps]:
            self.steps.insert(-1, Step(number=0, name=failed_step))
        for number, step in enumerate(self.steps, 1):
            step.number = number
        names = [step.name for step in self.steps]
        broken = names.index(failed_step)
        for place, step in enumerate(self.steps):
            if place == broken:
                step.end("cancelled" if conclusion == "cancelled" else "failure", now)
            else:
                ran = place < broken or step.name == LAST_STEP
                step.end("success" if ran else "skipped", now)


def steps_of(names: Iterable[str]) -> list[Step]:
    """Return queued steps, between those that GitHub itself adds."""
    every = [FIRST_STEP, *names, LAST_STEP]
    return [Step(number=number, name=name) for number, name in enumerate(every, 1)]
