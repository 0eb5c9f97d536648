"""What the people of the demo can press and type, found on the cards as they are now."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from bot.cli.stage.town import SLACK_ALICE, SLACK_ROOM, Town
from bot.standins import discord as discords
from bot.standins.discord.components import leaves
from bot.standins.slack.reading import controls, label_of


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that alice can do now."""

    label: str
    do: Callable[[], Awaitable[str]]
    """Returns what she reads then."""


@dataclass(slots=True)
class People:
    town: Town
    say: Callable[[str], None]
    last: list[discords.Seen] = field(default_factory=list)

    async def press_in_discord(self, label: str, *, card: str) -> str:
        """Let alice press a button of a card; return what she reads then."""
        message = next(
            message
            for message in reversed(self.town.discord_room.messages)
            if card in message.content
        )
        return await self._press(message, label)

    async def confirm_in_discord(self) -> str:
        """Let alice press the one button of the last answer."""
        (message,) = self.last[-1].messages
        return await self._press(message, "Yes, retry")

    async def _press(self, message: discords.Message, label: str) -> str:
        button = next(one for one in leaves(message.components) if one.get("label") == label)
        seen = await self.town.discord.press(
            self.town.alice, self.town.discord_room.id, message.id, button["custom_id"]
        )
        return await self._read(seen)

    async def _read(self, seen: discords.Seen) -> str:
        self.last.append(await seen.settled())
        self.say(f"   Discord, to alice alone: {seen.text}")
        return seen.text

    def choices(self) -> Iterator[Choice]:
        """Yield every button on the newest card of each chat, and the commands."""
        for message in self.town.discord_room.messages[-1:]:
            for component in leaves(message.components):
                if component.get("label") and not component.get("url"):
                    yield self._discord_button(message, component["label"])
        posted = [one for one in self.town.slack.channel(SLACK_ROOM).messages if one.by_app]
        cards = [one for one in posted if one.thread_ts in (None, one.ts)]
        for card in cards[-1:]:
            for control in controls(card.blocks):
                for option in control.element.get("options", [None]):
                    if not control.element.get("url"):
                        yield self._slack_button(
                            card.ts, control.action_id, control.element, option
                        )
        for words in ("status", "incidents", "retry #3", "help"):
            yield self._slack_command(words)

    def _discord_button(self, message: discords.Message, label: str) -> Choice:
        async def do() -> str:
            return await self._press(message, label)

        return Choice(f"Discord: press {label}", do)

    def _slack_button(
        self, ts: str, action_id: str, element: dict[str, object], option: object
    ) -> Choice:
        value = str(option["value"]) if isinstance(option, dict) else None
        label = option["text"]["text"] if isinstance(option, dict) else label_of(element)

        async def do() -> str:
            seen = await self.town.slack.press(
                SLACK_ALICE, channel=SLACK_ROOM, ts=ts, action_id=action_id, option=value
            )
            answer = await seen.reply()
            self.say(f"   Slack, to alice alone: {answer}")
            return answer

        return Choice(f"Slack: press {label}", do)

    def _slack_command(self, words: str) -> Choice:
        async def do() -> str:
            seen = await self.town.slack.command(SLACK_ALICE, SLACK_ROOM, "/build", words)
            answer = await seen.reply()
            self.say(f"   Slack, to alice alone: {answer}")
            return answer

        return Choice(f"Slack: type /build {words}", do)
