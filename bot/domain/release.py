"""Which release makes a broken one a thing of the past."""

import re
from dataclasses import dataclass
from typing import Final

VERSION: Final = re.compile(
    r"(?P<prefix>.*?)(?P<numbers>\d+(?:\.\d+)*)(?P<pre>[-.]?(?:[a-z]+[-.]?\d*|dev.*|rc.*))?(?:\+.*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Version:
    prefix: str
    numbers: tuple[int, ...]
    suffix: str

    @property
    def is_pre(self) -> bool:
        return bool(self.suffix) and not self.suffix.lower().startswith("post")

    @property
    def order(self) -> tuple[tuple[int, ...], int, list[tuple[bool, int, str]]]:
        """A pre-release comes before its release, a post-release after; "rc10" after "rc9"."""
        pieces = re.findall(r"\d+|[a-z]+", self.suffix.lower())
        return (
            _without_zeros(self.numbers),
            1 if not self.suffix else 0 if self.is_pre else 2,
            [(piece.isdigit(), int(piece) if piece.isdigit() else 0, piece) for piece in pieces],
        )


def _without_zeros(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Make 1.0 and 1.0.0 equal."""
    end = len(numbers)
    while end > 1 and numbers[end - 1] == 0:
        end -= 1
    return numbers[:end]


def version_of(tag: str) -> Version | None:
    """Read a tag such as "v2024.8.6", "app-1.2.0-rc1"; None where it holds no version."""
    found = VERSION.fullmatch(tag)
    if not found:
        return None
    numbers = tuple(int(number) for number in found["numbers"].split("."))
    return Version(found["prefix"], numbers, (found["pre"] or "").strip("-."))


def supersedes(newer: str, older: str) -> bool:
    """Whether a green release *newer* ends the incident of *older*.

    Same prefix, same major version, higher; a pre-release ends only pre-releases.
    """
    mine, theirs = version_of(newer), version_of(older)
    if mine is None or theirs is None:
        return False
    if (mine.prefix, mine.numbers[0]) != (theirs.prefix, theirs.numbers[0]):
        return False
    if mine.is_pre and not theirs.is_pre:
        return False
    return mine.order > theirs.order
