"""Strangers' words made harmless and short enough, before they become blocks."""

import re
import unicodedata
from dataclasses import replace
from typing import Final

from bot.messages.text import Code, Link, Mention, Moment, Part, Strong, Text, plain

# Left alone, bidirectional controls turn a line around for its reader, invisible ones hide
# what a name really is, and a lone surrogate can't be sent at all.
HARMFUL: Final = re.compile(
    r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060"
    r"\u2066-\u2069\ufeff\ud800-\udfff]"
)
SPACES: Final = re.compile(r"\s+")
INSTEAD: Final = "\N{REPLACEMENT CHARACTER}"
ELLIPSIS: Final = "…"
JOINER: Final = "\u200d"
WORD_CHARS: Final = 24  # a longer word is cut rather than dropped


def one_line(text: str) -> str:
    """Return *text* without line breaks or characters that show something else."""
    return HARMFUL.sub(INSTEAD, SPACES.sub(" ", text))


def log_line(text: str) -> str:
    """Return a line of a log with its spacing, but nothing that breaks or turns it."""
    return HARMFUL.sub(INSTEAD, text)


def units(text: str) -> int:
    """Count as Slack does: in UTF-16, where an emoji takes two."""
    return len(text) + sum(char > "\uffff" for char in text)


def cut(text: str, most: int) -> str:
    """Return at most *most* units of *text*, cut between words where one is near."""
    if len(text) <= most and units(text) <= most:
        return text
    head = text[: most - 1]
    while units(head) > most - 1:
        head = head[:-1]
    while head and _tears(head, text[len(head)]):
        head = head[:-1]
    space = head.rfind(" ")
    if not text[len(head)].isspace() and space >= max(len(head) - WORD_CHARS, len(head) // 2, 1):
        head = head[:space]
    return head.rstrip() + ELLIPSIS


def _tears(head: str, following: str) -> bool:
    """Whether *following* belongs to the character that *head* ends in."""
    return head.endswith(JOINER) or following == JOINER or unicodedata.combining(following) > 0


def tidy(text: Text) -> Text:
    """Return *text* as one harmless line."""
    return tuple(_tidied(part) for part in text)


def shorten(text: Text, most: int) -> Text:
    """Return *text* as one harmless line of at most *most* units; a time is never cut."""
    kept: list[Part] = []
    room = most
    for part in tidy(text):
        size = units(plain((part,)))
        if size <= room:
            kept.append(part)
            room -= size
            continue
        kept.append(_shortened(part, room))
        break
    return tuple(kept)


def width(text: Text) -> int:
    return units(plain(text))


def _tidied(part: Part) -> Part:
    match part:
        case str():
            return one_line(part)
        case Code(text) | Link(text) | Strong(text):
            return replace(part, text=one_line(text))
        case Mention(key, name):
            return replace(part, key=one_line(key), name=one_line(name))  # where it has no name
        case Moment():
            return part


def _shortened(part: Part, room: int) -> Part:
    if room <= 1 or isinstance(part, Moment | Mention):
        return ELLIPSIS if room else ""
    if isinstance(part, str):
        return cut(part, room)
    return replace(part, text=cut(part.text, room))
