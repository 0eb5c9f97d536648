"""Slack's blocks as HTML."""

import html
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

from bot.cli.painting.controls import Press, menu, no_press
from bot.cli.painting.people import Reader

Json = Mapping[str, Any]

EMOJI: Final = {"x": "❌", "white_check_mark": "✅", "black_square_for_stop": "⏹️"}


def slack_html(message: Json, reader: Reader, *, press: Press = no_press) -> str:
    """Draw a message; one with blocks does not show its text.

    Raises:
        KeyError: It holds something that is not drawn yet.
    """
    blocks = message.get("blocks") or ()
    if not blocks:
        return f'<div class="text">{_lines(html.unescape(str(message.get("text", ""))))}</div>'
    return "".join(BLOCKS[block["type"]](block, reader, press) for block in blocks)


def _rich_text(block: Json, reader: Reader, _: Press) -> str:
    return "".join(PARTS[part["type"]](part, reader) for part in block["elements"])


def _section(block: Json, reader: Reader, press: Press) -> str:
    words = [block["text"]] if "text" in block else []
    words += block.get("fields", ())
    beside = _controls([block["accessory"]], reader, press) if "accessory" in block else ""
    return f'<div class="text">{"<br>".join(map(_plain, words))}</div>{beside}'


def _context(block: Json, _reader: Reader, _press: Press) -> str:
    return f'<div class="text small">{" ".join(map(_plain, block["elements"]))}</div>'


def _header(block: Json, _reader: Reader, _press: Press) -> str:
    return f'<div class="text"><b>{_plain(block["text"])}</b></div>'


def _divider(_block: Json, _reader: Reader, _press: Press) -> str:
    return "<hr>"


def _actions(block: Json, reader: Reader, press: Press) -> str:
    return _controls(block["elements"], reader, press)


BLOCKS: Final[Mapping[str, Callable[[Json, Reader, Press], str]]] = {
    "rich_text": _rich_text,
    "section": _section,
    "context": _context,
    "header": _header,
    "divider": _divider,
    "actions": _actions,
}


def _text_part(part: Json, reader: Reader) -> str:
    return f'<div class="text">{_runs(part, reader)}</div>'


def _fence(part: Json, reader: Reader) -> str:
    return f"<pre>{_runs(part, reader)}</pre>"


def _quote(part: Json, reader: Reader) -> str:
    return f"<blockquote>{_runs(part, reader)}</blockquote>"


def _list(part: Json, reader: Reader) -> str:
    items = "".join(f"<li>{_runs(item, reader)}</li>" for item in part["elements"])
    return f"<ul>{items}</ul>"


PARTS: Final[Mapping[str, Callable[[Json, Reader], str]]] = {
    "rich_text_section": _text_part,
    "rich_text_preformatted": _fence,
    "rich_text_quote": _quote,
    "rich_text_list": _list,
}


def _runs(part: Json, reader: Reader) -> str:
    return "".join(_run(each, reader) for each in part["elements"])


def _run(run: Json, reader: Reader) -> str:
    match run["type"]:
        case "text":
            shown = _lines(run["text"])
        case "link":
            shown = f'<a href="{escape(run["url"])}">{escape(run.get("text") or run["url"])}</a>'
        case "emoji":
            shown = EMOJI[run["name"]]
        case "user" | "usergroup" as kind:
            shown = reader.mention(run[f"{kind}_id"])
        case "date":
            shown = _moment(run, reader)
        case kind:
            raise KeyError(kind)
    for name, is_so in run.get("style", {}).items():
        if is_so:
            shown = f'<span class="{escape(name)}">{shown}</span>'
    return shown


def _moment(run: Json, reader: Reader) -> str:
    at = datetime.fromtimestamp(run["timestamp"], UTC)
    tokens = {
        "{ago}": reader.ago(at),
        "{time}": reader.clock(at),
        "{date_short}": reader.day(at),
    }
    shown = str(run["format"])
    for token, words in tokens.items():
        shown = shown.replace(token, words)
    return escape(shown)


def _controls(elements: Iterable[Json], reader: Reader, press: Press) -> str:
    drawn = "".join(_control(element, reader, press) for element in elements)
    return f'<div class="controls">{drawn}</div>'


def _control(element: Json, _reader: Reader, press: Press) -> str:
    id = str(element["action_id"])
    match element["type"]:
        case "button":
            style = escape(element.get("style", ""))
            label = _plain(element["text"])
            if "url" in element:
                return f'<a class="button" href="{escape(element["url"])}">{label} ↗</a>'
            return f'<button class="{style}" {press(id, "")}>{label}</button>'
        case "overflow":
            options = [(each["value"], _plain(each["text"])) for each in element["options"]]
            return menu("⋯", [(press(id, value), label) for value, label in options])
        case kind:
            raise KeyError(kind)


def _plain(text: Json) -> str:
    return _lines(str(text["text"]))


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
