"""The layout of an incident's card, in the order in which a woken reader asks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.adapters.slack.controls import controls
from bot.adapters.slack.elements import Json, elements, lines, rich_text, rings, section
from bot.adapters.slack.fitting import fit, fit_proof
from bot.adapters.slack.words import shorten, units, width
from bot.messages.text import Text, join
from bot.messages.views import IncidentCard, Mark

# Slack refuses a message whose texts are longer than about 11,000 characters; buttons and
# menus may take 3,100 of them.
CARD_CHARS: Final = 7_500
HEADLINE_CHARS: Final = 400
ACTION_CHARS: Final = 1_000
NOTE_CHARS: Final = 500
FAILED_ROWS: Final = 12
BLAME_ROWS: Final = 6

# A cross, a tick and a square: told apart without colour, and read aloud by name.
SHAPES: Final = {
    Mark.BROKEN: "x",
    Mark.FIXED: "white_check_mark",
    Mark.OVER: "black_square_for_stop",
}


def card_blocks(card: IncidentCard, *, now: datetime) -> list[Json]:
    return _open(card, now=now) if card.mark is Mark.BROKEN else _ended(card, now=now)


def _open(card: IncidentCard, *, now: datetime) -> list[Json]:
    action = shorten(card.action, ACTION_CHARS)
    note = shorten(card.proof_note, NOTE_CHARS)
    room = CARD_CHARS - HEADLINE_CHARS - width(action) - width(note)
    proof = fit_proof(card.proof, room=room)
    failed = fit(card.failed, most_rows=FAILED_ROWS, room=room - units(proof))
    room -= units(proof) + sum(width(row) for row in failed)
    blame = fit(card.blame, most_rows=BLAME_ROWS, room=room)
    todo = [*rings(card.call), *elements(action, now=now)]
    return [
        *rich_text(section(lines([_headline(card, now=now), todo]))),
        *rich_text(_proof(proof), section(elements(note, now=now))),
        *rich_text(section(_rows([*failed, *blame], now=now))),
        *controls(card.buttons, links=card.links, menu=card.menu),
    ]


def _ended(card: IncidentCard, *, now: datetime) -> list[Json]:
    """Shrink to two lines: how it ended, and what it was."""
    was = shorten(join([card.action, *card.failed], " · "), HEADLINE_CHARS)
    return [
        *rich_text(section(lines([_headline(card, now=now), elements(was, now=now)]))),
        *controls(card.buttons, links=card.links, menu=card.menu),
    ]


def _headline(card: IncidentCard, *, now: datetime) -> list[Json]:
    words = elements(shorten(card.headline, HEADLINE_CHARS), now=now, bold=True)
    return [
        {"type": "emoji", "name": SHAPES[card.mark]},
        {"type": "text", "text": " "},
        *words,
    ]


def _proof(text: str) -> list[Json]:
    """Return the proof as a block of its own kind: it has no fence that a line could close."""
    if not text:
        return []
    return [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}]


def _rows(rows: Sequence[Text], *, now: datetime) -> list[Json]:
    return lines([elements(row, now=now) for row in rows])
