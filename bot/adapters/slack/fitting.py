"""What is left out where space is short: whole lines, always saying how many."""

from collections.abc import Sequence
from typing import Final

from bot.adapters.slack.words import cut, log_line, shorten, units, width
from bot.domain.failure import EXCERPT_LINES, ExcerptLine
from bot.messages.text import Text

LINE_CHARS: Final = 300
COUNT_CHARS: Final = 32  # what "… 7 more lines" may take


def fit(rows: Sequence[Text], *, most_rows: int, room: int) -> list[Text]:
    """Return the first of *rows* that fit, and how many do not."""
    kept: list[Text] = []
    left = room - COUNT_CHARS
    for row in rows[:most_rows]:
        line = shorten(row, LINE_CHARS)
        if width(line) > left:
            break
        left -= width(line) + 1
        kept.append(line)
    missing = len(rows) - len(kept)
    return [*kept, (more(missing),)] if missing else kept


def fit_proof(proof: Sequence[ExcerptLine], *, room: int) -> str:
    """Return numbered lines; where not all fit, those in the middle are counted instead.

    What broke tends to stand first, and how it ended last.
    """
    digits = max((len(str(line.number)) for line in proof), default=0)
    for count in range(min(len(proof), EXCERPT_LINES), 0, -1):
        text = _numbered(proof, count=count, digits=digits)
        if units(text) <= room:
            return text
    return more(len(proof)) if proof else ""


def more(count: int) -> str:
    return f"… {count} more line{'s' if count > 1 else ''}"


def _numbered(proof: Sequence[ExcerptLine], *, count: int, digits: int) -> str:
    last = len(proof) - count // 2
    missing = len(proof) - count
    gap = [f"{'':{digits}}  {more(missing)}"] if missing else []
    first = [_proof_line(line, digits) for line in proof[: last - missing]]
    return "\n".join([*first, *gap, *(_proof_line(line, digits) for line in proof[last:])])


def _proof_line(line: ExcerptLine, digits: int) -> str:
    return f"{line.number:>{digits}}  {cut(log_line(line.text), LINE_CHARS)}"
