"""Take the part of a line that a rule names, in linear time.

Hyperscan knows where a match ends, but no groups. So a capture is cut in three at its group:
it starts where the part before it first matches, and is as long as the part after it allows.
"""

from collections.abc import Iterator
from functools import lru_cache
from threading import Lock
from typing import Final

import hyperscan

from bot.diagnosis.patterns import PatternError, compiled, exact_form, split_capture

LINE_BYTES: Final = 1_000  # beyond this no name is worth the time

# These databases outlive a log, each with one scratch space, and logs are read in threads; a
# space for each scan would cost more than to wait for the microseconds that one takes.
_SCANNING: Final = Lock()


def capture(pattern: str, line: bytes) -> Iterator[str]:
    """Yield what the one group of *pattern* holds, for each place in *line*, left to right."""
    parts = _parts(pattern)
    line = line[:LINE_BYTES]
    done = -1
    for start in parts.starts(line):
        if start < done:
            continue
        end = parts.end(line, start)
        if end > start:
            done = end
            yield line[start:end].decode(errors="replace")


def first(pattern: str, line: bytes) -> str:
    """Return what the one group of *pattern* holds first in *line*, or nothing."""
    return next(capture(pattern, line), "") if pattern else ""


class _Parts:
    def __init__(self, pattern: str) -> None:
        split = split_capture(pattern)
        self._before = _optional(split.before)
        self._at_start = split.before.removeprefix("(?i)") == "^"
        self._group = compiled(_anchored(split.group), hyperscan.HS_FLAG_ALLOWEMPTY)
        self._after = compiled(_anchored(split.after)) if split.after else None

    def starts(self, line: bytes) -> list[int]:
        if self._at_start:
            return [0]
        if self._before is None:
            return list(range(len(line)))
        return sorted(set(_ends(self._before, line)))

    def end(self, line: bytes, start: int) -> int:
        for length in sorted(set(_ends(self._group, line[start:])), reverse=True):
            if self._after is None or _ends(self._after, line[start + length :]):
                return start + length
        return -1


def _anchored(pattern: str) -> bytes:
    flag = "(?i)" if pattern.startswith("(?i)") else ""
    return exact_form(f"{flag}^(?:{pattern.removeprefix(flag)})")


def _optional(pattern: str) -> hyperscan.Database | None:
    if pattern in {"", "^", "(?i)", "(?i)^"}:
        return None
    return compiled(exact_form(pattern), hyperscan.HS_FLAG_ALLOWEMPTY)


def _ends(database: hyperscan.Database, text: bytes) -> list[int]:
    ends: list[int] = []

    def note(_id: int, _start: int, end: int, _flags: int, _context: object) -> None:
        ends.append(end)

    if text:
        with _SCANNING:
            database.scan(text, match_event_handler=note)
    return ends


@lru_cache(maxsize=256)
def _parts(pattern: str) -> _Parts:
    try:
        return _Parts(pattern)
    except PatternError as error:
        msg = f"{pattern!r}: {error}"
        raise PatternError(msg) from error
