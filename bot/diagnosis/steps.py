"""The steps of a job as its log shows them, and which of them failed."""

from dataclasses import dataclass, field
from typing import Final

from bot.diagnosis.context import Context
from bot.diagnosis.spots import Pile

MAX_STEPS: Final = 120
SPOTS_OF_A_PASSED_STEP: Final = 12


@dataclass(slots=True, eq=False)
class LogStep:
    """A stretch of the log from one step line to the next."""

    name: str
    first: int
    cleanup: bool = False
    stops: list[int] = field(default_factory=list)
    """Lines that say that this step failed."""
    stop_stamp: bytes = b""
    pile: Pile = field(default_factory=Pile)


class Steps:
    """Follows the log's own structure; of steps that passed little is kept."""

    def __init__(self) -> None:
        self.all: list[LogStep] = [LogStep("", 1)]

    @property
    def current(self) -> LogStep:
        return self.all[-1]

    def begin(self, name: str, number: int, *, cleanup: bool = False) -> None:
        """Start a step; after the clean-up has begun nothing is a main step again."""
        last = self.all[-1]
        if not last.stops:
            last.pile.shrink(SPOTS_OF_A_PASSED_STEP)
        self.all.append(LogStep(name, number, cleanup or (last.cleanup and bool(last.stops))))
        if len(self.all) > MAX_STEPS:
            drop = next((s for s in self.all[1:-1] if not s.stops), self.all[1])
            self.all.remove(drop)

    def stop(self, number: int, stamp: bytes) -> None:
        """Note that the step failed; a verdict within the clean-up speaks of the step before it."""
        step = next((s for s in reversed(self.all) if not s.cleanup), self.all[-1])
        if len(step.stops) < MAX_STEPS:
            step.stops.append(number)
        step.stop_stamp = step.stop_stamp or stamp

    def failed(self, context: Context) -> LogStep | None:
        """Return the first step that failed; the jobs API knows better than the log."""
        stopped = [step for step in self.all if step.stops]
        told = context.failed_step()
        if told and told.started_at and told.completed_at:
            first = told.started_at.strftime("%Y-%m-%dT%H:%M:%S").encode()
            last = told.completed_at.strftime("%Y-%m-%dT%H:%M:%S").encode()
            for step in stopped:
                if step.stop_stamp and first <= step.stop_stamp <= last:
                    return step
        return stopped[0] if stopped else None
