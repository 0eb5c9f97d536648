"""The body of a digest: why so many broke, then line by line what is broken."""

from typing import Final

from bot.adapters.discord.lines import counted, line, size
from bot.messages.views import Digest

DESCRIPTION_CHARS: Final = 4_096
LINE_CHARS: Final = 400
MOST_COUNTS: Final = 4
MOST_ROWS: Final = 20


def digest_story(digest: Digest) -> str:
    """Return what stands under the headline, the last rows left out where space is short."""
    first = [line(text, room=LINE_CHARS) for text in (digest.action, *digest.counts[:MOST_COUNTS])]
    rows = [line(row, room=LINE_CHARS) for row in digest.rows[:MOST_ROWS]]
    hidden = len(digest.rows) + digest.more
    for keep in range(len(rows), -1, -1):
        told = [*first, *counted(rows[:keep], left_out=hidden - keep)]
        text = "\n".join(each for each in told if each.strip())
        if size(text) <= DESCRIPTION_CHARS:
            return text
    return ""
