"""Words with meaning: renderers escape each part for their platform, builders write no markup."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class TimeStyle(StrEnum):
    CLOCK = "clock"  # 14:08, with the date where it is not today
    DATED = "dated"  # the same where another moment stands beside it, so how long ago says little
    AGO = "ago"  # 3 hours ago, in 5 minutes


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, shown in the reader's own zone where the platform can."""

    at: datetime
    style: TimeStyle = TimeStyle.CLOCK


@dataclass(frozen=True, slots=True)
class Mention:
    """Someone by key: "slack:user:U1", "slack:group:S1", "discord:role:42".

    Shown as a live mention on its own platform, by name elsewhere. Whether it rings is
    the view's `call`, not the text's business.
    """

    key: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """Shown in a fixed-width face: a branch, a command, a sha."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Strong:
    text: str


Part = str | Moment | Mention | Code | Link | Strong
Text = tuple[Part, ...]

PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


def say(template: str, **values: Part | Text | int) -> Text:
    """Fill *template*; each value stays a part, so that a renderer can escape it.

    >>> say("I retry at {when}.", when=Code("14:08"))
    ('I retry at ', Code(text='14:08'), '.')
    """
    parts: list[Part] = []
    for index, piece in enumerate(PLACEHOLDER.split(template)):
        if index % 2 == 0:
            parts.append(piece)
            continue
        value = values[piece]
        match value:
            case tuple():
                parts.extend(value)
            case int():
                parts.append(str(value))
            case _:
                parts.append(value)
    return tuple(part for part in parts if part != "")


def join(texts: "list[Text]", between: str = " ") -> Text:
    """Put texts one after another, leaving out the empty ones."""
    parts: list[Part] = []
    for text in texts:
        if not text:
            continue
        if parts:
            parts.append(between)
        parts.extend(text)
    return tuple(parts)


def count_of(number: int, thing: str) -> str:
    """Count things: "1 job", "3 jobs"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def sentence(words: object) -> str:
    """End what may be an error's message with one full stop."""
    return str(words).rstrip(". ") + "."


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def cut(words: str, most: int) -> str:
    """Shorten to *most* characters, at the end of a word where one is near."""
    if len(words) <= most:
        return words
    head, _, _ = words[:most].rpartition(" ")
    return (head if 2 * len(head) > most else words[: most - 1]) + "…"


def plain(text: Text) -> str:
    """Return *text* without any markup: for notifications, logs and tests."""
    return "".join(_plain(part) for part in text)


def _plain(part: Part) -> str:
    match part:
        case str():
            return part
        case Moment(at):
            return at.strftime("%Y-%m-%d %H:%M UTC")
        case Mention(key, name):
            return f"@{name or key.rsplit(':', 1)[-1]}"
        case Code(text) | Link(text) | Strong(text):
            return text
