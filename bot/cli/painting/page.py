"""The page around drawn messages: whose chat it is, who speaks, light or dark."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

STYLE: Final = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
FACE: Final = "🪂"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One message, drawn; `body` is HTML, everything else is text."""

    id: str
    chat: str
    """slack or discord"""
    body: str
    author: str = "Smokejumper"
    at: str = ""
    private: bool = False
    """Only its reader sees it."""


def message_html(drawn: Drawn) -> str:
    only_you = "<small>Only visible to you</small>" if drawn.private else ""
    return (
        f'<div class="message" id="{escape(drawn.id)}"><div class="face" aria-hidden="true">'
        f'{FACE}</div><div><div class="who">{escape(drawn.author)}<span class="app">APP</span>'
        f"<small>{escape(drawn.at)}</small>{only_you}</div>{drawn.body}</div></div>"
    )


def page_html(*, title: str, body: str, language: str = "en", head: str = "") -> str:
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>{head}</head>"
        f"<body>{body}</body></html>"
    )


def chat_html(drawn: Sequence[Drawn], *, chat: str, dark: bool) -> str:
    """Draw the messages of one chat under each other."""
    shade = " dark" if dark else ""
    return f'<div class="chat {chat}{shade}">{"".join(map(message_html, drawn))}</div>'
