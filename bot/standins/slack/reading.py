"""What a person makes of a message: its words, its controls, whom it calls."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.standins.slack.blocks import interactive
from bot.standins.slack.model import Json, Message

MENTION: Final = re.compile(r"<(?:@|#|!subteam\^)([A-Z0-9]+)(?:\|[^>]*)?>")
CALL: Final = re.compile(r"<(?:@|!subteam\^)([A-Z0-9]+)(?:\|[^>]*)?>|<!(here|channel|everyone)[|>]")
DATE: Final = re.compile(r"<!date\^[^|>]*\|([^>]*)>")
LINK: Final = re.compile(r"<(?:https?|mailto):[^|>]*\|([^>]*)>|<((?:https?|mailto):[^>]*)>")


@dataclass(frozen=True, slots=True)
class Control:
    """One thing to press, and the block that holds it."""

    block_id: str
    element: Json

    @property
    def action_id(self) -> str:
        return str(self.element["action_id"])

    @property
    def label(self) -> str:
        return label_of(self.element)


def controls(blocks: Iterable[Json]) -> list[Control]:
    return [
        Control(str(block["block_id"]), each) for block in blocks for each in interactive(block)
    ]


def label_of(element: Json) -> str:
    """Return what is written on a control."""
    if "options" in element:
        return " | ".join(option["text"]["text"] for option in element["options"])
    words = element.get("text") or element.get("placeholder") or {}
    return str(words.get("text", element["type"]))


def text_of(message: Message, names: Mapping[str, str]) -> str:
    """Return *message* as plain lines, with names for ids and a box for each control."""
    lines = [read_blocks(message.blocks, names) or read_mrkdwn(message.text, names)]
    lines += [f"(file {file.name}, {file.length} bytes)" for file in message.files]
    return "\n".join(line for line in lines if line)


def read_blocks(blocks: Iterable[Json], names: Mapping[str, str]) -> str:
    return "\n".join(line for block in blocks for line in _block_lines(block, names) if line)


def read_mrkdwn(text: str, names: Mapping[str, str]) -> str:
    text = MENTION.sub(lambda found: names.get(found[1], found[1]), text)
    text = DATE.sub(r"\1", text)
    text = LINK.sub(lambda found: found[1] or found[2], text)
    return html.unescape(re.sub(r"<!(here|channel|everyone)[^>]*>", r"@\1", text))


def calls(message: Message) -> set[str]:
    """Return whom *message* notifies: ids of people and groups, `here`, `channel`, `everyone`.

    The fallback text counts even beside blocks: Slack does not say that it is not read.
    """
    return {*_calls_in_mrkdwn(message.text), *_calls_in(message.blocks)}


def _block_lines(block: Json, names: Mapping[str, str]) -> Iterator[str]:
    match block["type"]:
        case "divider":
            yield "---"
        case "rich_text":
            for part in block["elements"]:
                yield _rich(part, names)
        case "context":
            yield " ".join(_words(element, names) for element in block["elements"])
        case "table":
            for row in block["rows"]:
                yield " | ".join(_rich(cell, names) for cell in row)
        case "image":
            yield f"(image: {block['alt_text']})"
        case "input":
            yield _words(block["label"], names)
        case _:
            yield _words(block.get("text", ""), names)
            for field in block.get("fields", ()):
                yield _words(field, names)
    yield " ".join(f"[{label_of(element)}]" for element in interactive(block))


def _words(part: Json | str, names: Mapping[str, str]) -> str:
    if isinstance(part, str):
        return read_mrkdwn(part, names)
    if part.get("type") == "image":
        return f"(image: {part['alt_text']})"
    text = str(part["text"])
    return read_mrkdwn(text, names) if part["type"] == "mrkdwn" else text


def _rich(part: Json, names: Mapping[str, str]) -> str:
    """Read one part of rich text: a run of words, or what holds such runs."""
    if "elements" not in part:
        return _run(part, names)
    inner = [_rich(each, names) for each in part["elements"]]
    match part["type"]:
        case "rich_text_list":
            return "\n".join(f"- {each}" for each in inner)
        case "rich_text_quote":
            return "> " + "".join(inner)
        case "rich_text_preformatted":
            return "\n".join(f"    {line}" for line in "".join(inner).splitlines())
    return "".join(inner)


def _run(part: Json, names: Mapping[str, str]) -> str:
    kind = part["type"]
    if kind in ("user", "usergroup", "channel"):
        name = str(part[f"{kind}_id"])
        return names.get(name, name)
    words = {
        "link": part.get("text") or part.get("url"),
        "emoji": f":{part.get('name')}:",
        "broadcast": f"@{part.get('range')}",
        "date": part.get("fallback") or part.get("timestamp"),
    }
    return str(words.get(kind, part.get("text")))


def _calls_in_mrkdwn(text: str) -> Iterator[str]:
    return (found[1] or found[2] for found in CALL.finditer(text))


def _calls_in(part: object) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from _calls_in(each)
        return
    if not isinstance(part, dict):
        return
    match part:
        case (
            {"type": "user", "user_id": str(name)}
            | {
                "type": "usergroup",
                "usergroup_id": str(name),
            }
            | {"type": "broadcast", "range": str(name)}
        ):
            yield name
        case {"type": "mrkdwn" | "markdown", "text": str(text)}:
            yield from _calls_in_mrkdwn(text)
    for each in part.values():
        yield from _calls_in(each)
