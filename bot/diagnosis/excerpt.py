"""Choose at most fifteen lines that show why: the best place, then what it leaves unsaid."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from bot.diagnosis.blocks import Grower
from bot.diagnosis.evidence import Judged
from bot.diagnosis.rule import Role
from bot.diagnosis.shelf import Shelf
from bot.diagnosis.spots import Spot
from bot.domain.failure import EXCERPT_LINES

PLACES: Final = 4
FIRST_PLACE: Final = 11  # lines that the best place may take, so that another finds room
LAST_PLACE: Final = 4  # lines for the last place of the same kind as the best
WEAK: Final = 40  # of the best score, in percent: less is not worth a line
DOUBTFUL: Final = 60  # below such a score the lines right above the end are shown too
TAIL: Final = 6
GAP: Final = 4
PARAGRAPH: Final = 8


class Selection:
    """Lines chosen so far, and the room that is left."""

    def __init__(self, judged: Sequence[Judged], shelf: Shelf) -> None:
        self._judged = judged
        self._shelf = shelf
        self._grower = Grower(shelf.lines, {j.spot.number: j.score for j in judged}, shelf.noise)
        self._keys: set[bytes] = set()
        self.lines: set[int] = set()
        self.places = 0

    @property
    def left(self) -> int:
        return EXCERPT_LINES - len(self.lines)

    @property
    def room(self) -> int:
        return self.left if self.places < PLACES else 0

    def add(self, spot: Spot, *, room: int) -> None:
        """Take the block around *spot*, unless it or an equal line is shown already."""
        room = min(room, self.room)
        if room <= 0 or spot.number in self.lines or spot.key in self._keys:
            return
        rule = spot.rule_of()
        alone = rule is not None and rule.role is Role.SUMMARY
        block = self._grower.grow(spot.number, room=1 if alone else room)
        self.lines.update(n for n in block.numbers() if n in self._shelf.lines)
        self.lines.add(spot.number)
        self._keys |= {j.spot.key for j in self._judged if j.spot.number in self.lines}
        self.places += 1

    def fill(self, best: int) -> None:
        """Spend what room is left on small gaps, then on the rest of the best paragraph."""
        shown = sorted(self.lines)
        for above, below in pairwise(shown):
            gap = range(above + 1, below)
            if len(gap) <= min(GAP, self.left) and all(map(self._grower.has, gap)):
                self.lines.update(gap)
        last = best
        while last + 1 in self.lines:
            last += 1
        for number in range(last + 1, last + 1 + min(PARAGRAPH, self.left)):
            if not self._grower.has_text(number):
                break
            self.lines.add(number)

    def add_lines(self, numbers: Sequence[int]) -> None:
        self.lines.update(numbers[-min(self.room, len(numbers)) :] if self.room else ())
        self.places += 1


def choose(
    judged: Sequence[Judged], shelf: Shelf, stops: Sequence[int], *, lead: int | None
) -> list[int]:
    """Return the numbers of the lines to show, ascending.

    Args:
        judged: Every spot with its score.
        shelf: The lines around them.
        stops: Where the log says that the step failed.
        lead: The line that the verdict stands on; shown whatever its score.
    """
    shelf.add_last_lines()
    ranked = sorted(judged, key=lambda j: (j.spot.number != lead, -j.score, j.spot.number))
    ranked = [j for j in ranked if j.score > 0 or j.spot.number == lead]
    if not ranked:
        return shelf.above(_end(shelf, stops), EXCERPT_LINES)
    best = ranked[0]
    selection = Selection(judged, shelf)
    selection.add(best.spot, room=FIRST_PLACE)
    if best.score < DOUBTFUL:
        selection.add_lines(shelf.above(_end(shelf, stops), TAIL))
    for last in _last_sibling(best, judged):
        selection.add(last.spot, room=LAST_PLACE)
    for other in ranked[1:]:
        if other.score < best.score * WEAK / 100:
            break
        selection.add(other.spot, room=EXCERPT_LINES)
    selection.fill(best.spot.number)
    return sorted(selection.lines)


def _last_sibling(best: Judged, judged: Sequence[Judged]) -> Iterator[Judged]:
    """Yield the last spot of the best one's kind: what a long list of errors ends with."""
    rule = best.spot.rule_of()
    alike = [j for j in judged if j.spot.rule_of() == rule and j.step is best.step]
    if rule and rule.role is Role.EVIDENCE and len(alike) > 1:
        yield alike[-1]


def _end(shelf: Shelf, stops: Sequence[int]) -> int:
    return stops[0] if stops else max(shelf.lines, default=0)
