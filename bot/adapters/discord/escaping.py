"""Make strangers' words harmless in Discord's markdown."""

import re
from typing import Final
from urllib.parse import quote, urlsplit

APART: Final = "\u200b"  # a zero-width space: keeps two back-ticks from being a fence
URL_CHARS: Final = 512  # Discord's limit for a link button; a longer one is no link for people

BLANKS: Final = re.compile(r"\s")
# Controls, overrides of the writing direction, and halves of characters.
UNSHOWN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# Markdown, everything that starts with "<" (mentions, channels, emoji, times), calls for
# everyone, and what makes a link of its own accord: "https://" and invites. A "_" within a word
# means nothing, and names of tests stay legible in notifications, which show the escapes.
AWAKE: Final = re.compile(
    r"[\\*~`|<\[\]]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"
    r"|@(?=everyone|here)|:(?=//)|(?:(?<=discord)|(?<=discordapp))\.",
    re.IGNORECASE,
)
LINE_START: Final = re.compile(r"^(\s*)(?=#{1,3}\s|-#?\s|>)|^(\s*\d+)(?=\.\s)")


def clean(text: str) -> str:
    """Return *text* as one line without anything that can't be seen."""
    return UNSHOWN.sub("\ufffd", BLANKS.sub(" ", text))


def escape(text: str) -> str:
    """Return *text* as one line that shows as it is written, and links and calls nothing."""
    return AWAKE.sub(r"\\\g<0>", clean(text))


def quiet_start(line: str) -> str:
    """Keep a line from being a heading, a list or a quotation."""
    return LINE_START.sub(r"\g<0>\\", line, count=1)


def code(text: str) -> str:
    """Return *text* in a fixed-width span that it can't close."""
    body = _ticks_apart(clean(text))
    if not body:
        return ""
    return f"``{APART}{body}{APART}``" if "`" in body else f"`{body}`"


def fenced(text: str) -> str:
    """Return one line for inside a fence; three back-ticks in it can't close that."""
    return _ticks_apart(clean(text))


def link_target(url: str) -> str:
    """Return *url* for a link, or nothing where it is no web address."""
    shown = quote(clean(url), safe="!#$%&'*+,/:;=?@~-._")
    if len(shown) > URL_CHARS:
        return ""
    try:
        parts = urlsplit(shown)
    except ValueError:
        return ""
    return shown if parts.scheme in ("http", "https") and parts.hostname else ""


def _ticks_apart(text: str) -> str:
    return re.sub(r"`(?=`)", f"`{APART}", text)
