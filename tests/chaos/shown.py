"""What the rooms hold, as far as the bot wrote it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.standins.discord.components import leaves
from bot.standins.discord.model import MessageType
from bot.standins.slack.reading import controls
from tests.chaos.estate import Estate, Room

NUMBER: Final = re.compile(r"\(#(\d+)\)")
RUN: Final = re.compile(r"/actions/runs/(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One message of the bot, as it is now."""

    chat: str
    room: Room
    id: str
    key: str
    """What the bot called it when it posted it: "card-7", "line-7-3"."""
    thread: str
    text: str
    links: tuple[str, ...]

    @property
    def is_card(self) -> bool:
        return not self.thread and self.key.startswith("card-")

    @property
    def incident(self) -> int:
        found = NUMBER.search(self.text)
        return int(found[1]) if found else 0

    @property
    def runs(self) -> set[int]:
        """The runs that its links lead to."""
        return {int(found[1]) for link in self.links if (found := RUN.search(link))}


def posted(estate: Estate) -> Iterator[Posted]:
    """Yield every message of the bot that all can see."""
    for room in estate.rooms:
        yield from _in_slack(estate, room)
        yield from _in_discord(estate, room)


def _in_slack(estate: Estate, room: Room) -> Iterator[Posted]:
    for message in room.slack.messages:
        if message.by_app and message.to is None:
            told = (message.metadata or {}).get("event_payload", {})
            urls = [one.element.get("url", "") for one in controls(message.blocks)]
            yield Posted(
                chat="Slack",
                room=room,
                id=message.ts,
                key=str(told.get("key", "")),
                thread=message.thread_ts or "" if message.is_reply() else "",
                text=estate.town.slack.text_of(message),
                links=tuple(urls),
            )


def _in_discord(estate: Estate, room: Room) -> Iterator[Posted]:
    discord = estate.town.discord
    for channel in discord.guild.channels.values():
        threaded = getattr(channel, "parent_id", None) == room.discord.id
        if channel.id != room.discord.id and not threaded:
            continue
        for message in channel.messages:
            mine = message.author.id == discord.bot.id and message.type is MessageType.DEFAULT
            if mine and message.viewer_id is None:
                urls = [one.get("url", "") for one in leaves(message.components)]
                yield Posted(
                    chat="Discord",
                    room=room,
                    id=str(message.id),
                    key=str(message.nonce or ""),
                    thread=str(channel.id) if threaded else "",
                    text=discord.text_of(message),
                    links=tuple(urls),
                )
