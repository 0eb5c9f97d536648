"""What the reading of a log left: spots with their places, and how much each counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.diagnosis.context import Context
from bot.diagnosis.rule import Role
from bot.diagnosis.shelf import Shelf
from bot.diagnosis.spots import Spot
from bot.diagnosis.steps import LogStep, Steps

# How much a line counts by where it stands, of 100.
IN_FAILED: Final = 100
AFTER_FAILED: Final = 72  # a step that reports what the failed one left
BEFORE_FAILED: Final = 35
IN_CLEANUP: Final = 25
NEW: Final = 8  # not printed by the last green run
OLD: Final = -25
RETRIED: Final = -30
REPEATED: Final = 12  # equal lines of which so many stand in one step are its habit


@dataclass(frozen=True, slots=True)
class Judged:
    """A spot and how much it counts, 0 to about 100."""

    spot: Spot
    score: float
    step: LogStep
    share: int
    """What its place lets it count, of 100."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is left of a log."""

    steps: Steps
    shelf: Shelf
    lines: int

    def judged(self, context: Context) -> list[Judged]:
        """Return every spot with its score, in the order of the log."""
        failed = self.steps.failed(context)
        stops = set(failed.stops) if failed else set()
        found = [
            Judged(spot, _score(spot, share, step), step, share)
            for step in self.steps.all
            for spot in step.pile.spots
            for share in [IN_FAILED if spot.number in stops else _share(step, failed)]
        ]
        return sorted(found, key=lambda judged: judged.spot.number)

    def stops(self, context: Context) -> Iterator[int]:
        """Yield the lines that say that the failed step failed."""
        failed = self.steps.failed(context)
        yield from failed.stops if failed else ()


def _share(step: LogStep, failed: LogStep | None) -> int:
    if step.cleanup:
        return IN_CLEANUP
    if failed is None or step is failed:
        return IN_FAILED
    return AFTER_FAILED if step.first > failed.first else BEFORE_FAILED


def _score(spot: Spot, share: int, step: LogStep) -> float:
    weight = float(spot.weight)
    if spot.new is not None:
        weight += NEW if spot.new else OLD
    if spot.retried:
        weight += RETRIED
    rule = spot.rule_of()
    if rule and rule.generic and rule.role is Role.EVIDENCE:
        weight -= min(20, step.pile.count(spot) // REPEATED * 5)
    return max(0.0, weight) * share / 100
