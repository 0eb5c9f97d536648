"""What is known of a failed job besides its log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.diagnosis.sketch import Sketch


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a job, as the jobs API tells it."""

    number: int
    name: str
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One annotation of a job's check run."""

    message: str
    path: str = ""
    level: str = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What GitHub says of a job; every part may be missing."""

    job: str = ""
    steps: Sequence[Step] = ()
    annotations: Sequence[Annotation] = ()
    green: Sketch | None = None
    """The lines of the same job's last green log."""
    green_ref: str = ""
    """How to name that green run: "1a2b3c4"."""

    def failed_step(self) -> Step | None:
        """Return the first step that failed."""
        bad = ("failure", "timed_out")
        return next((step for step in self.steps if step.conclusion in bad), None)
