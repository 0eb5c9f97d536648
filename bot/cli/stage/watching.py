"""Tells on the terminal what the chats show, as it changes."""

import asyncio
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot.cli.stage.town import SLACK_ROOM, Town

LOOK_EVERY: Final = timedelta(milliseconds=50)
UNSEEN: Final = re.compile(
    "[\u200b\u200c\u2060\u2063]"
)  # marks by which the bot knows its messages
WIDTH: Final = 110


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as a person reads it."""

    chat: str
    id: str
    in_thread: bool
    text: str


@dataclass(slots=True)
class Watcher:
    town: Town
    say: Callable[[str], None]
    told: dict[tuple[str, str], str] = field(default_factory=dict)

    async def watch(self) -> None:
        """Tell each message when it appears and when it changes, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    async def caught_up(self) -> None:
        """Return once what is there has been told, and had a moment to settle."""
        await asyncio.sleep(4 * LOOK_EVERY.total_seconds())
        self.look()

    def look(self) -> None:
        for shown in self.shown():
            key = shown.chat, shown.id
            before = self.told.get(key)
            if before == shown.text or not shown.text.strip():
                continue
            self.told[key] = shown.text
            self._tell(shown, new=before is None)

    def says(self, *words: str, in_thread: bool = False) -> bool:
        """Whether one card, or one line of a thread, in each chat holds all of *words* now."""
        found = {
            shown.chat
            for shown in self.shown()
            if shown.in_thread is in_thread and all(word in shown.text for word in words)
        }
        return found == {"Slack", "Discord"}

    def shown(self) -> Iterator[Shown]:
        """Yield every message of the bot in both chats."""
        yield from self._in_slack()
        yield from self._in_discord()

    def _in_slack(self) -> Iterator[Shown]:
        slack = self.town.slack
        for message in slack.channel(SLACK_ROOM).messages:
            if message.by_app and message.to is None:
                threaded = message.thread_ts not in (None, message.ts)
                yield Shown("Slack", message.ts, threaded, slack.text_of(message))

    def _in_discord(self) -> Iterator[Shown]:
        discord, room = self.town.discord, self.town.discord_room
        for channel in discord.guild.channels.values():
            for message in channel.messages:
                if message.author.id == discord.bot.id and message.viewer_id is None:
                    threaded = channel.id != room.id
                    text = UNSEEN.sub("", discord.text_of(message))
                    yield Shown("Discord", str(message.id), threaded, text)

    def _tell(self, shown: Shown, *, new: bool) -> None:
        where = "thread" if shown.in_thread else ("card" if new else "card, edited")
        self.say(f"   {shown.chat} {where}:")
        for line in shown.text.splitlines():
            for piece in textwrap.wrap(line, WIDTH, drop_whitespace=False) or [""]:
                self.say(f"      | {piece}")
