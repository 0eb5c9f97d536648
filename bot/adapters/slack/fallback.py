"""The text beside the blocks: what notifications and screen readers say."""

import html
from datetime import datetime
from typing import Final

from bot.adapters.slack.elements import time_format
from bot.adapters.slack.words import shorten
from bot.messages.text import Moment, Part, Text, plain

# An edit takes 4,000 characters, and escaping makes up to five of one.
FALLBACK_CHARS: Final = 700


def fallback(text: Text, *, now: datetime) -> str:
    """Return *text* for a place that reads `<...>` as markup and calls people by it."""
    return "".join(_part(part, now=now) for part in shorten(text, FALLBACK_CHARS))


def escape(text: str) -> str:
    return html.escape(text, quote=False)


def _part(part: Part, *, now: datetime) -> str:
    words = escape(plain((part,)))
    if not isinstance(part, Moment):
        return words
    return f"<!date^{int(part.at.timestamp())}^{time_format(part, now=now)}|{words}>"
