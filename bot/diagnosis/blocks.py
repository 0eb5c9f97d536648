"""Grow a spot into the block it belongs to: a stack trace, a diff, a compiler's caret lines."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from bot.diagnosis.text import SCAFFOLD, bare

UP: Final = 6
DOWN: Final = 12
STRONG: Final = 40  # a spot of this score next to a block is part of it
FOLLOWS: Final = re.compile(
    rb"\s*(?:at |\.\.\. |\||\^|~|E  |[+-][^\s+-]|\s[+-] |\+\+\+ |--- |@@ |=+ note|Caused by"
    rb"|[Ee]xpected|[Aa]ctual|[Rr]eceived|got\b|note:|help:|File \"|from |in |where |required"
    rb"|found:|symbol:|location:|->|-->|# |\d+ +\||>>? )"
)
LEADS: Final = re.compile(
    rb"(?:Traceback \(most|In file included|In function|\s+from |.*: In (?:member )?function"
    rb"|>+ |=+ FAIL|_{4,} |\s+\d+\) |.*:$|During handling|\[?[Rr]unning|\s*[\xe2])"
)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines from first to last."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    def numbers(self) -> range:
        return range(self.first, self.last + 1)


class Grower:
    """Knows the kept lines and which of them are spots."""

    def __init__(
        self, lines: Mapping[int, bytes], scores: Mapping[int, float], noise: AbstractSet[int]
    ) -> None:
        self._lines = lines
        self._noise = noise
        self._scores = scores

    def grow(self, number: int, *, room: int) -> Block:
        """Return the block around line *number*, at most *room* lines of it."""
        own = self._indent(number)
        first, last = self._up(number, own), self._down(number, own)
        if last - first + 1 > room:
            above = min(number - first, max(1, room // 4))
            first = number - above
            last = min(last, first + room - 1)
            first = (
                max(self._up(number, own), last - room + 1) if last - first + 1 < room else first
            )
        return Block(first, last)

    def has(self, number: int) -> bool:
        """Say whether the line may be shown as part of a block."""
        return self._text(number) is not None

    def has_text(self, number: int) -> bool:
        return bool((self._text(number) or b"").strip())

    def _down(self, number: int, own: int) -> int:
        last = number
        for at in range(number + 1, number + DOWN + 1):
            text = self._text(at)
            if text is None:
                break
            if not text.strip():
                if not self._belongs(at + 1, own):
                    break
                continue
            if not self._belongs(at, own):
                break
            last = at
        return last

    def _up(self, number: int, own: int) -> int:
        first = number
        for at in range(number - 1, number - UP - 1, -1):
            text = self._text(at)
            if text is None or not text.strip():
                break
            indent = self._indent(at)
            if self._scores.get(at, 0) >= STRONG or indent > own or FOLLOWS.match(text):
                first = at
                continue
            if LEADS.match(text) or indent < own:
                first = at
            break
        return first

    def _belongs(self, number: int, own: int) -> bool:
        text = self._text(number)
        if not text or not text.strip():
            return False
        if self._indent(number) > own or self._scores.get(number, 0) >= STRONG:
            return True
        return bool(FOLLOWS.match(text))

    def _text(self, number: int) -> bytes | None:
        line = None if number in self._noise else self._lines.get(number)
        return None if line is None or SCAFFOLD.search(line) else bare(line)

    def _indent(self, number: int) -> int:
        text = self._text(number) or b""
        return len(text) - len(text.lstrip(b" \t"))
