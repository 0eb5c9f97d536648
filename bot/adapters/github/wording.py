"""Texts and times from strangers, made fit to keep."""

import unicodedata
from datetime import UTC, datetime
from typing import Final

TITLE_CHARS: Final = 300  # a commit message may have 60 kB; nobody reads a longer headline
NAME_CHARS: Final = 300


def one_line(text: str | None, *, most: int = NAME_CHARS) -> str:
    """Return the first line that says something, cut, and free of control characters.

    A NUL in a job's name would be refused by PostgreSQL.
    """
    if not text:
        return ""
    first = next((line for line in text[: 10 * most].splitlines() if line.strip()), "")
    clean = "".join(char for char in first.strip() if unicodedata.category(char) != "Cc")
    return clean if len(clean) <= most else f"{clean[: most - 1]}…"


def moment(value: str | int | None, *, latest: datetime) -> datetime | None:
    """Read a time of GitHub's; one that can't be read is no time.

    Args:
        latest: When we were told. A later time is a wrong clock, and would make every
            delivery that follows look old.
    """
    if value is None:
        return None
    try:
        read = _epoch(value) if isinstance(value, int) else datetime.fromisoformat(value)
        aware = read if read.tzinfo else read.replace(tzinfo=UTC)
        return min(aware.astimezone(UTC), latest)
    except (ValueError, OverflowError, OSError):
        return None


def _epoch(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
