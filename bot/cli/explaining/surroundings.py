"""The lines around those of an excerpt, for people who have no log open beside it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import click

from bot.cli.explaining.lines import LINE_BYTES, lines_of, without_stamp
from bot.diagnosis import redact
from bot.domain.failure import Diagnosis

CONTEXT_LINES: Final = 2
# A secret may begin long before the lines that are shown: a private key has up to 55 lines.
ABOVE_LINES: Final = 80
LINE_CHARS: Final = 240


def surroundings(blocks: Iterable[bytes], diagnosis: Diagnosis) -> Mapping[int, str]:
    """Return the redacted lines around the excerpt by their numbers, the excerpt's own left out."""
    quoted = {line.number for line in diagnosis.excerpt}
    shown = _around(quoted, above=CONTEXT_LINES) - quoted
    lines = dict(_wanted(blocks, _around(quoted, above=ABOVE_LINES)))
    scrubbed, _ = redact("\n".join(lines.values()))
    found = zip(lines, scrubbed.split("\n"), strict=True)
    return {number: _short(text) for number, text in found if number in shown}


def _around(numbers: Iterable[int], *, above: int) -> set[int]:
    return {
        near
        for number in numbers
        for near in range(max(1, number - above), number + CONTEXT_LINES + 1)
    }


def _wanted(blocks: Iterable[bytes], wanted: set[int]) -> Iterator[tuple[int, str]]:
    last = max(wanted, default=0)
    for number, line in enumerate(lines_of(blocks), start=1):
        if number > last:
            return
        if number in wanted:
            yield number, _readable(line)


def _readable(line: bytes) -> str:
    """Return what a terminal would show of a line, its colour apart."""
    text = without_stamp(line[:LINE_BYTES]).decode("utf-8", "replace")
    return click.unstyle(text).rstrip().rpartition("\r")[2]


def _short(text: str) -> str:
    return text if len(text) <= LINE_CHARS else f"{text[:LINE_CHARS]}…"
