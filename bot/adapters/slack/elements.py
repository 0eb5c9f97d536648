"""Text as the elements of a `rich_text` block, which Slack takes literally."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from bot.messages.text import Code, Link, Moment, Part, Strong, Text, TimeStyle, plain

Json: TypeAlias = dict[str, Any]

URL_CHARS: Final = 3_000  # Slack refuses a longer address
WEB_ADDRESS: Final = re.compile(r"https?://[!-~]+")
CLOCK_ALONE: Final = timedelta(hours=12)  # further off, 14:08 could be another day's
RINGS: Final = re.compile(
    r"(?:slack:)?(?:user:(?P<user>[UW][A-Z0-9]+)|group:(?P<group>S[A-Z0-9]+))"
)
NEW_LINE: Final[Json] = {"type": "text", "text": "\n"}


def is_web_address(url: str) -> bool:
    return len(url) <= URL_CHARS and WEB_ADDRESS.fullmatch(url) is not None


def ring(key: str) -> Json | None:
    """Return the element that calls somebody; None for other platforms' keys and for everyone."""
    found = RINGS.fullmatch(key)
    if found is None:
        return None
    if user := found["user"]:
        return {"type": "user", "user_id": user}
    return {"type": "usergroup", "usergroup_id": found["group"]}


def rings(call: Iterable[str]) -> list[Json]:
    """Return who is called, each once, with a space behind each."""
    called = [element for key in dict.fromkeys(call) if (element := ring(key))]
    return [each for element in called for each in (element, {"type": "text", "text": " "})]


def elements(text: Text, *, now: datetime, bold: bool = False) -> list[Json]:
    """Return *text* as elements; nobody named in it is called."""
    return [element for part in text if (element := _element(part, now=now, bold=bold))]


def time_format(moment: Moment, *, now: datetime) -> str:
    """Return Slack's tokens for *moment*, which each reader's own client fills in."""
    if moment.style is TimeStyle.AGO:
        return "{ago}"
    near = abs(moment.at - now) < CLOCK_ALONE
    return "{time}" if near else "{date_short} {time}"


def lines(rows: Sequence[Sequence[Json]]) -> list[Json]:
    """Put rows of elements under each other, leaving out the empty ones."""
    spaced: list[Json] = []
    for row in rows:
        if row and spaced:
            spaced.append(NEW_LINE)
        spaced.extend(row)
    return spaced


def section(content: Sequence[Json]) -> list[Json]:
    """Return a section around *content*, or nothing around nothing."""
    return [{"type": "rich_text_section", "elements": list(content)}] if content else []


def rich_text(*parts: Sequence[Json]) -> list[Json]:
    """Return a block of *parts*, or none if they are all empty."""
    content = [element for part in parts for element in part]
    return [{"type": "rich_text", "elements": content}] if content else []


def _element(part: Part, *, now: datetime, bold: bool) -> Json | None:
    if not plain((part,)):
        return None
    style = {"style": {"bold": True}} if bold or isinstance(part, Strong) else {}
    match part:
        case Moment(at):
            return {
                "type": "date",
                "timestamp": int(at.timestamp()),
                "format": time_format(part, now=now),
                "fallback": plain((part,)),
                **style,
            }
        case Code(text):
            return {"type": "text", "text": text, "style": {**style.get("style", {}), "code": True}}
        case Link(text, url) if is_web_address(url):
            return {"type": "link", "url": url, "text": text, **style}
        case _:
            return {"type": "text", "text": plain((part,)), **style}
