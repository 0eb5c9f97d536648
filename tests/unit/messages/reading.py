"""A view as plain text, in the order of a reader's eyes, in lines that a snapshot can hold."""

from collections.abc import Iterable
from textwrap import fill

from bot.messages.card import incident_card
from bot.messages.facts import CardFacts
from bot.messages.text import Text, plain
from bot.messages.views import Answer, Digest, IncidentCard


def lines(texts: Iterable[Text | str]) -> str:
    """Return each text as a paragraph; what does not fit goes on below, indented."""
    said = (text if isinstance(text, str) else plain(text) for text in texts)
    return "\n".join(
        fill(text, 88, subsequent_indent="    ", break_on_hyphens=False) for text in said if text
    )


def card_text(card: IncidentCard) -> str:
    """Return a card as it reads; buttons stand in brackets, the menu on its own line."""
    proof = [f"  {line.number}  {line.text}" for line in card.proof]
    menu = ", ".join(one.label for one in card.menu)
    return lines(
        [
            card.headline,
            card.action,
            *proof,
            card.proof_note,
            *card.failed,
            *card.blame,
            _buttons(card),
            f"More: {menu}" if menu else "",
        ]
    )


def digest_text(digest: Digest) -> str:
    more: tuple[Text, ...] = ((f"… and {digest.more} more",),) if digest.more else ()
    told = [digest.headline, digest.action, *digest.counts, *digest.rows, *more]
    return lines([*told, _buttons(digest)])


def drawn(facts: CardFacts) -> str:
    return card_text(incident_card(facts))


def answer_text(answer: Answer) -> str:
    return lines([answer.text, *answer.rows, _buttons(answer)])


def _buttons(view: IncidentCard | Digest | Answer) -> str:
    links = () if isinstance(view, Digest) else view.links
    labels = [*(one.label for one in view.buttons), *(one.label for one in links)]
    return " ".join(f"[{label}]" for label in labels)
