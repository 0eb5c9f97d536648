"""Meanings to what Slack shows: blocks, and the text that notifications read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.adapters.slack.card import card_blocks
from bot.adapters.slack.controls import controls
from bot.adapters.slack.digest import digest_blocks
from bot.adapters.slack.elements import Json, elements, lines, rich_text, rings, section
from bot.adapters.slack.fallback import fallback
from bot.adapters.slack.fitting import fit
from bot.adapters.slack.words import shorten
from bot.messages.text import Text, join
from bot.messages.views import Answer, Digest, IncidentCard, Note, View

TEXT_CHARS: Final = 3_000
ANSWER_ROWS: Final = 40
ROWS_CHARS: Final = 4_500  # beside the text and a full row of buttons


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message for Slack; an edit needs both, since text alone drops the blocks."""

    text: str
    blocks: tuple[Json, ...]


def render(view: View, *, now: datetime) -> Rendered:
    """Lay out *view*; only those in its `call` are called."""
    match view:
        case IncidentCard():
            text = join([view.headline, view.action], between=". ")
            return _rendered(text, card_blocks(view, now=now), now=now)
        case Digest():
            text = join([view.headline, view.action], between=". ")
            return _rendered(text, digest_blocks(view, now=now), now=now)
        case Note():
            words = elements(shorten(view.text, TEXT_CHARS), now=now)
            return _rendered(view.text, rich_text(section([*rings(view.call), *words])), now=now)


def render_answer(answer: Answer, *, now: datetime) -> Rendered:
    """Lay out what one person reads."""
    rows = fit(answer.rows, most_rows=ANSWER_ROWS, room=ROWS_CHARS)
    text = shorten(answer.text, TEXT_CHARS)
    blocks = [
        *rich_text(section(lines([elements(row, now=now) for row in (text, *rows)]))),
        *controls(answer.buttons, links=answer.links),
    ]
    return _rendered(answer.text, blocks, now=now)


def _rendered(text: Text, blocks: Sequence[Json], *, now: datetime) -> Rendered:
    # Slack refuses a message without any text.
    return Rendered(text=fallback(text, now=now).strip() or "…", blocks=tuple(blocks))
