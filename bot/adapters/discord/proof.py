"""Log lines in a fence that they can't close."""

from collections.abc import Sequence
from typing import Final

from bot.adapters.discord.escaping import fenced
from bot.adapters.discord.lines import CUT, size
from bot.domain.failure import ExcerptLine

FENCE: Final = "```"
LINE_CHARS: Final = 240  # four lines on a phone; 15 of them fit an embed


def numbered(proof: Sequence[ExcerptLine]) -> list[str]:
    """Return each line behind its number, as it can stand in a fence."""
    width = max((len(str(each.number)) for each in proof), default=0)
    return [f"{each.number:>{width}}  {_within(each.text)}" for each in proof]


def fence(lines: Sequence[str], *, keep: int) -> list[str]:
    """Return the lines of a code block with *keep* of these; the middle goes first."""
    if not lines:
        return []
    left_out = len(lines) - keep
    head = (keep + 1) // 2
    gap = [f"{CUT} {left_out} lines left out"] if left_out else []
    return [FENCE, *lines[:head], *gap, *lines[head + left_out :], FENCE]


def _within(text: str) -> str:
    shown = fenced(text[: LINE_CHARS + 1])
    if size(shown) <= LINE_CHARS:
        return shown
    end = LINE_CHARS
    while size(shown[:end]) > LINE_CHARS - size(CUT):
        end -= 1
    return shown[:end] + CUT
