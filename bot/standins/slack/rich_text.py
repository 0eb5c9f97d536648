"""The shape of `rich_text`, the block whose text is taken literally."""

from functools import cache
from types import MappingProxyType
from typing import Final

from bot.standins.slack.block_checks import (
    Check,
    among,
    flag,
    items,
    number,
    record,
    string,
    tagged,
)

ANY_LENGTH: Final = 1_000_000  # Slack names no limit of its own; the message's total holds
ANY_COUNT: Final = 10_000
STYLE: Final = record(
    {}, MappingProxyType(dict.fromkeys(("bold", "italic", "strike", "code", "underline"), flag))
)


def _element(
    kind: str, required: dict[str, Check], optional: dict[str, Check] | None = None
) -> Check:
    return record({"type": among(kind), **required}, {"style": STYLE, **(optional or {})})


@cache
def _elements() -> dict[str, Check]:
    text, name = string(ANY_LENGTH), string(255)
    return {
        "text": _element("text", {"text": text}),
        "link": _element("link", {"url": string(3_000)}, {"text": text, "unsafe": flag}),
        "user": _element("user", {"user_id": name}),
        "usergroup": _element("usergroup", {"usergroup_id": name}),
        "channel": _element("channel", {"channel_id": name}),
        "emoji": _element("emoji", {"name": name}, {"unicode": name, "url": string(3_000)}),
        "broadcast": _element("broadcast", {"range": among("here", "channel", "everyone")}),
        "date": _element(
            "date",
            {"timestamp": number, "format": text},
            {"url": string(3_000), "fallback": text},
        ),
    }


@cache
def rich_text_parts() -> dict[str, Check]:
    """Return the shapes of what a `rich_text` block may hold."""
    run = items(tagged(_elements()), most=ANY_COUNT, least=0)
    plain = items(tagged(_elements(), ("text", "link")), most=ANY_COUNT, least=0)
    border = among(0, 1)
    section = record({"type": among("rich_text_section"), "elements": run})
    sections = items(tagged({"rich_text_section": section}), most=ANY_COUNT)
    return {
        "rich_text_section": section,
        "rich_text_quote": record(
            {"type": among("rich_text_quote"), "elements": run}, {"border": border}
        ),
        "rich_text_preformatted": record(
            {"type": among("rich_text_preformatted"), "elements": plain},
            {"border": border, "language": string(255)},
        ),
        "rich_text_list": record(
            {
                "type": among("rich_text_list"),
                "style": among("bullet", "ordered"),
                "elements": sections,
            },
            {"indent": among(*range(9)), "border": border, "offset": number},
        ),
    }
