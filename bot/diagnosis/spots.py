"""Spots: lines that may be the reason, kept within bounds while the log streams by."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from bot.diagnosis.rule import Rule

SPOTS_OF_A_STEP: Final = 160
SAME_LINE: Final = 3  # so many equal lines are kept: the first ones and the last


@dataclass(slots=True, eq=False)
class Spot:
    """One candidate line and what is known of it."""

    number: int
    text: bytes
    """The line without escapes, but with its time stamp and prefixes."""
    said: bytes
    """What the tool itself said, for matching and captures."""
    rules: tuple[Rule, ...]
    weight: int
    retried: bool = False
    """The line itself says that it will be tried again."""
    new: bool | None = None
    """Not seen in the last green run; None where there is none to compare with."""
    key: bytes = b""
    twins: int = 0
    """How many equal lines were seen before this one in the same step."""

    def rule_of(self) -> Rule | None:
        """Return the strongest rule that knows this line."""
        return max(self.rules, key=lambda rule: (rule.weight, -rule.order), default=None)


@dataclass(slots=True, eq=False)
class Pile:
    """The spots of one step, never more than a few hundred."""

    spots: list[Spot] = field(default_factory=list)
    seen: dict[bytes, int] = field(default_factory=dict)
    floor: int = 0
    """What a spot must weigh, once a full pile was thinned out."""

    def add(self, spot: Spot) -> None:
        """Keep *spot*; of equal ones the first and the last, as only a last try counts."""
        spot.twins = self.seen.get(spot.key, 0)
        if len(self.seen) < SPOTS_OF_A_STEP * 20 or spot.twins:
            self.seen[spot.key] = spot.twins + 1
        if spot.twins >= SAME_LINE:
            last = next((at for at in self._backwards() if self.spots[at].key == spot.key), None)
            if last is not None:
                del self.spots[last]
        self.spots.append(spot)
        if len(self.spots) > 2 * SPOTS_OF_A_STEP:
            self.spots = list(_strongest(self.spots, SPOTS_OF_A_STEP))
            self.floor = min(spot.weight for spot in self.spots)

    def _backwards(self) -> range:
        return range(len(self.spots) - 1, -1, -1)

    def retried_since(self, number: int) -> None:
        """Note that what failed from line *number* on is tried again."""
        for spot in reversed(self.spots):
            if spot.number < number:
                break
            spot.retried = True

    def shrink(self, size: int) -> None:
        """Keep the *size* strongest spots of a step that turned out to matter less."""
        self.spots = list(_strongest(self.spots, size))
        self.seen.clear()

    def count(self, spot: Spot) -> int:
        return self.seen.get(spot.key, 1)


def _strongest(spots: Iterable[Spot], size: int) -> Iterator[Spot]:
    """Yield the strongest in their order; of equal ones half the first and half the last."""
    spots = list(spots)
    if len(spots) <= size:
        yield from spots
        return
    floor = sorted((spot.weight for spot in spots), reverse=True)[: size + 1][-1]
    above = [spot for spot in spots if spot.weight > floor]
    level = [spot for spot in spots if spot.weight == floor]
    room = max(0, size - len(above))
    half = room // 2
    kept = [*level[:half], *level[len(level) - (room - half) :]] if room < len(level) else level
    yield from sorted([*above, *kept], key=lambda spot: spot.number)
