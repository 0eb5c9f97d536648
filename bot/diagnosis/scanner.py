"""Find the lines of a log that rules know, window by window."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.diagnosis.matcher import Hit, Matcher, Place
from bot.diagnosis.shelf import CUT, whole_character
from bot.diagnosis.text import DIGITS, bare, without_escapes, without_lead
from bot.diagnosis.windows import Window

REDRAWS: Final = 200  # of a progress bar in one line, from its end
SAME_LINE: Final = 8  # so often an equal line is looked at in a step
SEEN_LINES: Final = 20_000
LONG_BYTES: Final = 8_192
SHOWN_BYTES: Final = 700
SAID_BYTES: Final = 2_000


@dataclass(frozen=True, slots=True)
class Line:
    """A line that some rule knows."""

    number: int
    text: bytes
    """The line without escapes."""
    said: bytes
    """What the tool itself said; of a line redrawn by carriage returns, the part that was hit."""
    hits: list[Hit]
    start: int
    """Where the line begins in the text of its window."""


@dataclass(frozen=True, slots=True)
class Page:
    """A window's text, and its lines that matter."""

    number: int
    text: bytes
    lines: list[Line]


class Scanner:
    """Reads windows one after another; lines that keep coming again are only counted."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._seen: dict[int, int] = {}

    def read(self, window: Window) -> Page:
        """Find the lines of *window* that rules know."""
        text = without_escapes(window.data)
        found = self._matcher.candidates(text, last=window.last)
        places = [place for place in found if self._is_news(text, place)]
        parts = [(place, part) for place in places for part in _parts(text, place)]
        return Page(window.number, text, list(_lines(window, text, self._hits(parts))))

    def times(self, line: bytes) -> int:
        """Say how often a line like this one came in the step that is being read."""
        return self._seen.get(_likeness(line), 1)

    def _is_news(self, text: bytes, place: Place) -> bool:
        if place.mark or len(self._seen) > SEEN_LINES:  # a new step looks at everything afresh
            self._seen.clear()
            return True
        likeness = _likeness(text[place.start : place.end])
        times = self._seen.get(likeness, 0) + 1
        self._seen[likeness] = times
        return times <= SAME_LINE

    def _hits(self, parts: list[tuple[Place, bytes]]) -> list[tuple[Place, bytes, list[Hit]]]:
        """Ask about each message, and where a mark such as "[ERROR]" stood before it, with it."""
        messages = [without_lead(part) for _, part in parts]
        marked = [at for at, (_, part) in enumerate(parts) if len(messages[at]) < len(part)]
        found = self._matcher.hits([*messages, *(parts[at][1] for at in marked)])
        for at, more in zip(marked, found[len(messages) :], strict=True):
            known = {hit.rule.name for hit in found[at]}
            found[at] += [hit for hit in more if hit.rule.name not in known]
        return [
            (place, message, hits)
            for (place, _), message, hits in zip(parts, messages, found, strict=False)
            if hits
        ]


def _likeness(line: bytes) -> int:
    return hash(line.translate(None, DIGITS))


def _parts(text: bytes, place: Place) -> list[bytes]:
    """Return what a line says: each state of a redrawn one, hit and end of a long one."""
    if place.end - place.start <= LONG_BYTES:
        line = text[place.start : place.end].rstrip(b"\r")
        return bare(line).split(b"\r")[-REDRAWS:]
    half = LONG_BYTES // 2
    pieces = [text[max(place.start, place.hit - half) : min(place.end, place.hit + half)]]
    if place.hit + half < place.end:
        pieces.append(text[place.end - half : place.end])
    return [part for piece in pieces for part in bare(piece).split(b"\r")[-REDRAWS:] if part]


def _lines(
    window: Window, text: bytes, found: list[tuple[Place, bytes, list[Hit]]]
) -> Iterator[Line]:
    number, counted = window.number, 0
    for place, said, known in found:
        start = place.start
        number += text.count(b"\n", counted, start)
        counted = start
        shown, short = _around(text[start : place.end].rstrip(b"\r"), said, known)
        if window.continued and start == 0:
            shown = CUT + shown
        yield Line(number, shown, short, known, start)


def _around(line: bytes, said: bytes, known: list[Hit]) -> tuple[bytes, bytes]:
    """Cut a long line, and what was said in it, to the surroundings of its best hit."""
    if len(line) <= SHOWN_BYTES and b"\r" not in line:
        return line, said
    best = max(known, key=lambda hit: hit.rule.weight)
    end = line.rfind(said) + best.end
    shown_from = max(end - SHOWN_BYTES * 2 // 3, 0)
    if b"\r" in line:
        shown_from = max(shown_from, line.rfind(b"\r", 0, end) + 1)
    shown_from = whole_character(line, shown_from)
    shown_to = line.find(b"\r", end, shown_from + SHOWN_BYTES)
    if shown_to < 0:
        shown_to = whole_character(line, min(shown_from + SHOWN_BYTES, len(line)))
    said_from = max(best.end - SAID_BYTES // 2, 0)
    shown = line[shown_from:shown_to]
    return (
        (CUT if shown_from else b"") + shown + (CUT if shown_to < len(line) else b""),
        said[said_from : said_from + SAID_BYTES],
    )
