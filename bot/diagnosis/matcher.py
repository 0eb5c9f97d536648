"""Which lines of a text rules know, and which rules: the sieve, then the exact patterns."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import hyperscan

from bot.diagnosis.databases import Databases, entries, marks
from bot.diagnosis.rule import Rule

# Where nearly every line of a window is a candidate, a sieve gives up for a coarser one.
ALL, TELLING, STRUCTURE = range(3)
GIVE_UP: Final = {ALL: 700, TELLING: 400, STRUCTURE: 2_000}
TAIL_BYTES: Final = 16_384  # the end of such a window is looked at in full again
# After so many such windows in a row the log is taken to be like that: samples are enough, but
# for its structure and its last window.
DENSE_WINDOWS: Final = 4
SAMPLE: Final = 200
SAMPLE_BYTES: Final = 65_536
MARKS_OF_A_WINDOW: Final = 8  # so many steps' ends are looked at
ABOVE_BYTES: Final = 4_096
NOTHING: Final = b"\0"  # an empty line would share its place with the next one

Found: TypeAlias = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Place:
    """A line in a text, where a sieve first hit it, and whether it is of the log's structure."""

    start: int
    end: int
    hit: int
    mark: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that knows a line, and where in the line the match ends."""

    rule: Rule
    end: int


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose each pattern of the databases is, by its number."""

    patterns: tuple[Rule, ...]
    excludes: tuple[Rule, ...]
    marks: int
    """So many patterns of a sieve, its first, are of a log's structure."""

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> "Owners":
        return cls(
            patterns=tuple(rule for _, rule in entries(rules)),
            excludes=tuple(rule for rule in rules for _ in rule.excludes),
            marks=len(marks(rules)),
        )


class Matcher:
    """Asks the databases of a rule set. One for each log: scratch space is not shared."""

    def __init__(self, owners: Owners, databases: Databases) -> None:
        self._databases = databases
        self._owners = owners.patterns
        self._excluders = owners.excludes
        self._marks = owners.marks
        self._sieve_scratch = [hyperscan.Scratch(sieve) for sieve in databases.sieves]
        self._dense = 0  # so many windows in a row were full of candidates
        self._exact_scratch = hyperscan.Scratch(databases.exact)

    def candidates(self, text: bytes, *, last: bool) -> list[Place]:
        """Return the lines of *text* that may matter, in order; *last* is the end of the log."""
        places: dict[int, Place] = {}
        dense = self._dense >= DENSE_WINDOWS and not last
        done = self._sift(ALL, text, 0, places, SAMPLE if dense else GIVE_UP[ALL])
        self._dense = self._dense + 1 if done < len(text) else 0
        if self._dense:
            look = self._sample if dense else self._search
            look(text, done, places)
        return [places[at] for at in sorted(places)]

    def _search(self, text: bytes, start: int, places: dict[int, Place]) -> None:
        """Look with coarser sieves at what is left, and in full at its end."""
        start = self._sift(TELLING, text, start, places, GIVE_UP[TELLING])
        self._structure(text, start, places)
        self._sift(ALL, text, _line_before(text, TAIL_BYTES), places, GIVE_UP[ALL])

    def _sample(self, text: bytes, start: int, places: dict[int, Place]) -> None:
        """Look at the structure of what is left, and at its end."""
        self._structure(text, start, places)
        self._sift(TELLING, text, _line_before(text, SAMPLE_BYTES), places, SAMPLE)

    def _structure(self, text: bytes, start: int, places: dict[int, Place]) -> None:
        """Find where steps begin and fail, and look in full at what stands right above."""
        found: dict[int, Place] = {}
        self._sift(STRUCTURE, text, start, found, GIVE_UP[STRUCTURE])
        places |= found
        for place in list(found.values())[:MARKS_OF_A_WINDOW]:
            above = text[: place.start]
            self._sift(ALL, above, _line_before(above, ABOVE_BYTES), places, GIVE_UP[ALL])

    def hits(self, lines: Sequence[bytes]) -> list[list[Hit]]:
        """Return, for each of *lines*, the rules that know it."""
        lines = [line or NOTHING for line in lines]
        found, _ = _scan(self._databases.exact, b"\n".join(lines), self._exact_scratch)
        starts = _starts(lines)
        hits: list[dict[str, Hit]] = [{} for _ in lines]
        banned: list[set[str]] = [set() for _ in lines]
        for end, pattern in found:
            at = bisect_right(starts, end - 1) - 1
            if pattern >= len(self._owners):
                banned[at].add(self._excluders[pattern - len(self._owners)].name)
                continue
            rule = self._owners[pattern]
            hits[at].setdefault(rule.name, Hit(rule, end - starts[at]))
        return [
            [hit for name, hit in row.items() if name not in refused]
            for row, refused in zip(hits, banned, strict=True)
        ]

    def _sift(
        self, tier: int, text: bytes, start: int, places: dict[int, Place], give_up: int
    ) -> int:
        """Add the lines that one sieve lets through, and say how far it came."""
        if start >= len(text):
            return start
        found, whole = _scan(
            self._databases.sieves[tier],
            text[start:] if start else text,
            self._sieve_scratch[tier],
            give_up=give_up,
        )
        line_start = line_end = -1
        for at, pattern in found:
            end = at + start
            if end > line_end:
                line_start = text.rfind(b"\n", 0, end) + 1
                line_end = text.find(b"\n", end)
                line_end = len(text) if line_end < 0 else line_end
                places.setdefault(line_start, Place(line_start, line_end, end, mark=False))
            if pattern < self._marks:
                places[line_start] = Place(line_start, line_end, end, mark=True)
        return len(text) if whole else line_end + 1


def _scan(
    database: hyperscan.Database, text: bytes, scratch: hyperscan.Scratch, give_up: int = 0
) -> tuple[Found, bool]:
    """Return where patterns end in *text*, and whether all of it was read."""
    found: Found = []

    def note(pattern: int, _start: int, end: int, _flags: int, _context: object) -> bool:
        found.append((end, pattern))
        return len(found) == give_up

    try:
        database.scan(text, match_event_handler=note, scratch=scratch)
    except hyperscan.ScanTerminated:
        return found, False
    return found, True


def _line_before(text: bytes, back: int) -> int:
    return text.rfind(b"\n", 0, max(len(text) - back, 0)) + 1


def _starts(lines: Sequence[bytes]) -> list[int]:
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    return starts
