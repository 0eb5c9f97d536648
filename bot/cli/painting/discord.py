"""Discord's messages as HTML, its markdown as its app reads it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

from bot.cli.painting.controls import Press, menu, no_press
from bot.cli.painting.people import Reader

Json = Mapping[str, Any]

MARKDOWN: Final = re.compile(
    r"```(?:\w*\n)?(?P<fence>.*?)```\n?"
    r"|(?P<ticks>``?)(?P<code>.+?)(?P=ticks)"
    r"|\\(?P<literal>[^\w\s])"
    r"|\*\*(?P<bold>.+?)\*\*"
    r"|\[(?P<words>(?:\\.|[^\]\\])+)\]\(<?(?P<url>https?://[^\s>)]+)>?\)"
    r"|<@[&!]?(?P<mention>\d+)>"
    r"|<t:(?P<stamp>\d+)(?::(?P<style>\w))?>"
    r"|(?P<break>\n)",
    re.DOTALL,
)
BUTTONS: Final = {1: "primary", 2: "", 3: "success", 4: "danger"}
LINK: Final = 5


def discord_html(message: Json, reader: Reader, *, press: Press = no_press) -> str:
    """Draw a message.

    Raises:
        KeyError: It holds something that is not drawn yet.
    """
    drawn = [f'<div class="text">{markdown(message.get("content", ""), reader)}</div>']
    for embed in message.get("embeds", ()):
        colour = f"#{embed.get('color', 0x4E5058):06x}"
        body = markdown(embed.get("description", ""), reader)
        drawn.append(f'<div class="embed" style="border-left-color:{colour}">{body}</div>')
    for row in message.get("components", ()):
        inside = "".join(_component(each, press) for each in row["components"])
        drawn.append(f'<div class="controls">{inside}</div>')
    return "".join(drawn)


def markdown(text: str, reader: Reader) -> str:
    """Draw what Discord makes of *text*; whatever has no meaning to it stays as it is."""
    drawn, end = "", 0
    for found in MARKDOWN.finditer(text):
        drawn += escape(text[end : found.start()])
        drawn += _drawn(found, reader)
        end = found.end()
    return drawn + escape(text[end:])


def _drawn(found: re.Match[str], reader: Reader) -> str:
    kind = found.lastgroup or ""
    text = found[kind]
    match kind:
        case "fence":
            shown = f"<pre>{escape(text.strip(chr(10)))}</pre>"
        case "code":
            shown = f'<span class="code">{escape(text)}</span>'
        case "bold":
            shown = f"<b>{markdown(text, reader)}</b>"
        case "url":
            shown = f'<a href="{escape(text)}">{markdown(found["words"], reader)}</a>'
        case "mention":
            shown = reader.mention(text)
        case "stamp" | "style":
            shown = _moment(found, reader)
        case _:
            shown = "<br>" if text == "\n" else escape(text)
    return shown


def _moment(found: re.Match[str], reader: Reader) -> str:
    at = datetime.fromtimestamp(int(found["stamp"]), UTC)
    words = {"R": reader.ago(at), "t": reader.clock(at)}
    shown = words.get(found["style"] or "", f"{reader.day(at)} {reader.clock(at)}")
    return f'<span class="code">{escape(shown)}</span>'


def _component(component: Json, press: Press) -> str:
    match component["type"]:
        case 2:
            label = escape(component.get("label", ""))
            if component["style"] == LINK:
                return f'<a class="button" href="{escape(component["url"])}">{label} ↗</a>'
            style = BUTTONS[component["style"]]
            return f'<button class="{style}" {press(component["custom_id"], "")}>{label}</button>'
        case 3:
            id = component["custom_id"]
            options = [(each["value"], escape(each["label"])) for each in component["options"]]
            label = escape(component.get("placeholder", ""))
            return menu(f"{label} ▾", [(press(id, value), shown) for value, shown in options])
        case kind:
            raise KeyError(kind)
