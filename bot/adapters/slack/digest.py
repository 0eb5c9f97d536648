"""The layout of a digest: how many and why, then line by line what is broken."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.adapters.slack.card import ACTION_CHARS, CARD_CHARS, HEADLINE_CHARS, SHAPES
from bot.adapters.slack.controls import controls
from bot.adapters.slack.elements import Json, elements, lines, rich_text, rings, section
from bot.adapters.slack.fitting import COUNT_CHARS, LINE_CHARS
from bot.adapters.slack.words import shorten, width
from bot.messages.text import Text
from bot.messages.views import Digest

COUNT_ROWS: Final = 4
MOST_ROWS: Final = 20


def digest_blocks(digest: Digest, *, now: datetime) -> list[Json]:
    headline = shorten(digest.headline, HEADLINE_CHARS)
    action = shorten(digest.action, ACTION_CHARS)
    counts = [shorten(row, HEADLINE_CHARS) for row in digest.counts[:COUNT_ROWS]]
    room = CARD_CHARS - sum(map(width, (headline, action, *counts)))
    first = [
        [
            {"type": "emoji", "name": SHAPES[digest.mark]},
            {"type": "text", "text": " "},
            *elements(headline, now=now, bold=True),
        ],
        [*rings(digest.call), *elements(action, now=now)],
        *(elements(row, now=now) for row in counts),
    ]
    rows = [elements(row, now=now) for row in _rows(digest, room=room)]
    return [
        *rich_text(section(lines(first))),
        *rich_text(section(lines(rows))),
        *controls(digest.buttons),
    ]


def _rows(digest: Digest, *, room: int) -> Sequence[Text]:
    """Return the first rows that fit, and how many incidents are not among them."""
    kept: list[Text] = []
    left = room - COUNT_CHARS
    for row in digest.rows[:MOST_ROWS]:
        line = shorten(row, LINE_CHARS)
        if width(line) > left:
            break
        left -= width(line) + 1
        kept.append(line)
    missing = len(digest.rows) - len(kept) + digest.more
    return [*kept, (f"… and {missing} more",)] if missing else kept
