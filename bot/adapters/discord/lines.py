"""Words with meaning, as lines of Discord's markdown that fit."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from bot.adapters.discord.escaping import APART, clean, code, escape, link_target, quiet_start
from bot.messages.text import Code, Link, Mention, Moment, Part, Strong, Text, TimeStyle

CUT: Final = "…"
SNOWFLAKE: Final = re.compile(r"[0-9]{1,20}")
TWICE: Final = ("`", "*")  # the end of one span and the start of the next would be one mark
LIVE: Final = {"user": "<@{}>", "role": "<@&{}>"}
MOMENTS: Final = {
    TimeStyle.CLOCK: "<t:{0}:t> (<t:{0}:R>)",  # the hour alone would not say which day
    TimeStyle.DATED: "<t:{0}:f>",
    TimeStyle.AGO: "<t:{0}:R>",
}


def size(text: str) -> int:
    """Return the length as Discord may count it: in UTF-16 units, never fewer than characters."""
    return len(text.encode("utf-16-le")) // 2


def line(text: Text, *, room: int) -> str:
    """Return *text* as one line of at most *room*, cut at a word and in no mark-up."""
    room -= size("\\")  # for what keeps the line from being a heading
    shown = ""
    for part in _joined(text):
        piece = _markup(part, room)
        if shown[-1:] in TWICE and shown[-1:] == piece[:1]:
            piece = APART + piece
        if size(shown + piece) > room:
            left = room - size(shown + CUT)
            return quiet_start(shown + _head(part, left) + CUT)
        shown += piece
    return quiet_start(shown)


def cut(text: str, *, room: int) -> str:
    """Return plain *text* on one line of at most *room*, cut at a word where one is near."""
    shown = clean(text[: room + 1])
    if size(shown) <= room:
        return shown.strip()
    end = room - size(CUT)
    while size(shown[:end]) > room - size(CUT):
        end -= 1
    return _whole_words(shown[:end]).rstrip() + CUT


def mention(key: str) -> str:
    """Return the live mention of a key such as "discord:role:42"; nothing for other platforms'."""
    platform, _, rest = key.partition(":")
    kind, _, id = rest.partition(":")
    known = platform == "discord" and kind in LIVE and SNOWFLAKE.fullmatch(id)
    return LIVE[kind].format(id) if known else ""


def counted(lines: Sequence[str], *, left_out: int) -> list[str]:
    """Return *lines* and, where some were left out, how many."""
    return [*lines, f"{CUT} and {left_out} more"] if left_out else list(lines)


def _joined(text: Text) -> Iterator[Part]:
    # A call for everyone may be made of two harmless halves, so what is plain is joined first.
    gathered = ""
    for part in text:
        match part:
            case str():
                gathered += part
            case Mention(key, name) if not mention(key):
                gathered += f"@{name or key.rsplit(':', 1)[-1]}"
            case _:
                if gathered:
                    yield gathered
                gathered = ""
                yield part
    if gathered:
        yield gathered


def _markup(part: Part, room: int) -> str:
    match part:
        case str():
            return escape(part[: room + 1])
        case Code(text):
            return code(text[: room + 1])
        case Strong(text):
            inner = escape(text[: room + 1])
            return f"**{inner}**" if inner.strip() else inner
        case Link(text, url):
            inner, target = escape(text[: room + 1]), link_target(url)
            # Angle brackets keep Discord from showing a preview of the page.
            return f"[{inner}](<{target}>)" if inner.strip() and target else inner
        case Mention(key):
            return mention(key)
        case Moment(at, style):
            return MOMENTS[style].format(int(at.timestamp()))


def _head(part: Part, room: int) -> str:
    """Return what fits of a part's words, without its mark-up."""
    if not isinstance(part, str | Code | Strong | Link):
        return ""
    text = part if isinstance(part, str) else part.text
    end = max(0, min(len(text), room))
    while end and (over := size(escape(text[:end])) - room) > 0:
        end -= max(1, over // 2)
    return escape(_whole_words(text[:end])).rstrip()


def _whole_words(text: str) -> str:
    at = text.rfind(" ")
    return text[:at] if at > len(text) // 2 else text
