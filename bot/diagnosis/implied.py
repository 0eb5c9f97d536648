"""Find patterns that the sieve need not hold, as every line they know has a telling word anyway.

Most messages say "error", "failed" or "cannot". A class of such words is in the sieve, and its
cost grows with the number of patterns, so a pattern that cannot match without one is left out.
What is doubtful counts as not implied.
"""

import re
from collections.abc import Iterable
from itertools import product
from typing import Final

MOST: Final = 96  # so many readings of a pattern are looked at
ANY: Final = "_"  # a sign of which nothing is known; it may be part of a word
QUANTIFIER: Final = re.compile(r"[*+?]\??|\{\d+(?:,\d*)?\}\??")
HEX: Final = re.compile(r"x[0-9a-fA-F]{2}")
EDGES: Final = {"s": " ", "b": " ", "t": " "}


class Words:
    """The words that let any line through."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = [re.compile(pattern) for pattern in patterns]

    def imply(self, pattern: str) -> bool:
        """Say whether a line that *pattern* knows always has one of the words."""
        readings = _Readings(pattern.removeprefix("(?i)")).all()
        return (
            bool(self._patterns)
            and 0 < len(readings) <= MOST
            and all(self._has_word(ANY + reading + ANY) for reading in readings)
        )

    def _has_word(self, reading: str) -> bool:
        return any(word.search(reading) for word in self._patterns)


class _Readings:
    """Spells out what a pattern may match: letters where they are sure, ANY where not."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def all(self) -> list[str]:
        """Return each reading; where there are too many, ANY stands for the rest."""
        return self._alternatives()

    def _alternatives(self) -> list[str]:
        found = self._sequence()
        while self._peek() == "|":
            self._at += 1
            found = found + self._sequence()
        return found

    def _sequence(self) -> list[str]:
        found = [""]
        while self._peek() not in {"", "|", ")"}:
            found = _joined(found, self._quantified(self._atom()))
        return found

    def _atom(self) -> list[str]:
        char = self._take()
        match char:
            case "^" | "$":
                return [" "]
            case ".":
                return [ANY]
            case "[":
                self._skip_class()
                return [ANY]
            case "(":
                return self._group()
            case "\\":
                return [self._escape()]
        return [char]

    def _group(self) -> list[str]:
        if self._pattern.startswith("?:", self._at):
            self._at += 2
        inner = self._alternatives()
        self._at += 1
        return inner

    def _escape(self) -> str:
        found = HEX.match(self._pattern, self._at)
        if found:
            self._at = found.end()
            return chr(int(found[0][1:], 16))
        char = self._take()
        if char in EDGES:
            return EDGES[char]
        return ANY if char.isalnum() else char

    def _skip_class(self) -> None:
        self._at += self._peek() == "^"
        self._at += 1  # a "]" right here is a member
        while self._peek() not in {"", "]"}:
            self._at += 2 if self._peek() == "\\" else 1
        self._at += 1

    def _quantified(self, atom: list[str]) -> list[str]:
        found = QUANTIFIER.match(self._pattern, self._at)
        if not found:
            return atom
        self._at = found.end()
        if found[0][0] in "*?" or found[0].startswith("{0"):
            return ["", *atom]
        return atom

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        self._at += 1
        return self._pattern[self._at - 1]


def _joined(heads: list[str], tails: list[str]) -> list[str]:
    """Join readings; once there are too many, forget what the tails say."""
    if len(heads) * len(tails) > MOST:
        return [head + ANY for head in heads]
    return [head + tail for head, tail in product(heads, tails)]
