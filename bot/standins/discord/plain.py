"""A message as plain text, for stories and for tests that read."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from bot.standins.discord.components import leaves
from bot.standins.discord.model import Guild, Message
from bot.standins.discord.refusal import Json

MOMENT: Final = re.compile(r"<t:(\d+)(?::\w)?>")
NAMED: Final = re.compile(r"<(@&|@!|@|#)(\d+)>")


def text_of(guild: Guild, message: Message) -> str:
    """Return what a reader sees, line by line; buttons in brackets, dead ones in parentheses."""
    if message.loading:
        return f"{message.author.name} is thinking..."
    lines = [
        message.content,
        *(line for embed in message.embeds for line in _embed(embed)),
        *(f"(file) {attachment.filename}" for attachment in message.attachments),
        *(" ".join(map(_component, leaves([row]))) for row in message.components),
    ]
    return _named(guild, "\n".join(line for line in lines if line))


def _embed(embed: Json) -> Iterator[str]:
    yield (embed.get("author") or {}).get("name", "")
    yield embed.get("title", "")
    yield embed.get("description", "")
    for field in embed.get("fields", []):
        yield f"{field['name']}: {field['value']}"
    yield (embed.get("footer") or {}).get("text", "")


def _component(component: Json) -> str:
    emoji = (component.get("emoji") or {}).get("name", "")
    label = component.get("label") or component.get("placeholder") or emoji
    return f"({label})" if component.get("disabled") else f"[{label}]"


def _named(guild: Guild, text: str) -> str:
    def name(match: re.Match[str]) -> str:
        kind, key = match[1], int(match[2])
        if kind == "@&" and key in guild.roles:
            return f"@{guild.roles[key].name}"
        if kind == "#" and key in guild.channels:
            return f"#{guild.channels[key].name}"
        if key in guild.members:
            return f"@{guild.members[key].user.name}"
        return match[0]

    return NAMED.sub(name, MOMENT.sub(_moment, text))


def _moment(match: re.Match[str]) -> str:
    return f"{datetime.fromtimestamp(int(match[1]), UTC):%Y-%m-%d %H:%M} UTC"
