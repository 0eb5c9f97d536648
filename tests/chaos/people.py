"""Two people who press whatever their cards offer, while the bot comes and goes."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from bot.cli.stage.town import SLACK_ALICE, SLACK_BO
from bot.standins import discord as discords
from bot.standins import slack as slacks
from bot.standins.discord.components import BUTTON, leaves
from bot.standins.slack.reading import controls
from tests.chaos.estate import Estate
from tests.chaos.shown import Posted, posted

PATIENCE: Final = timedelta(seconds=90)
LIKES: Final = {
    "retry": 6.0,
    "acknowledge": 3.0,
    "full_log": 0.5,
    "retry_all": 0.6,
    "retry_debug": 0.4,
    "resolve": 0.4,
}
CONFIRMS: Final = 0.7


@dataclass(slots=True, kw_only=True)
class Pressed:
    """One press, and what came of it."""

    id: str
    """As the bot calls it."""
    chat: str
    action: str
    incident: int
    heard: bool
    """The bot acknowledged it, so it must be done."""
    answers: Callable[[], int]
    """How many answers the presser has read by now."""


@dataclass(frozen=True, slots=True)
class Control:
    action: str
    press: Callable[[], Any]


@dataclass(slots=True)
class People:
    estate: Estate
    lot: random.Random
    pressed: list[Pressed] = field(default_factory=list)

    async def press(self) -> None:
        """Let one person use one control of one card, and say yes if asked whether they mean it."""
        cards = [one for one in posted(self.estate) if one.is_card and one.links]
        offered = [(card, one) for card in cards for one in self._controls(card)]
        if not offered:
            return
        likes = [LIKES.get(one.action, 0.2) for _, one in offered]
        ((card, chosen),) = self.lot.choices(offered, likes)
        confirms = self.lot.random() < CONFIRMS
        try:
            seen = await chosen.press()
        except (discords.CannotError, slacks.CannotError):
            return  # the card has changed under their finger
        await self._note(card, chosen.action, seen)
        if confirms and chosen.action.startswith("retry"):
            await self._confirm(card, chosen.action, seen)

    async def _note(self, card: Posted, action: str, seen: discords.Seen | slacks.Seen) -> None:
        if isinstance(seen, slacks.Seen):
            name, heard = f"slack:{seen.interaction.trigger_id}", seen.warning is None
        else:
            name, heard = f"discord:{seen.interaction.id}", not seen.failed

        def answers() -> int:
            if isinstance(seen, slacks.Seen):
                return sum(m.answers == seen.interaction.key for m in seen.messages)
            return sum(not message.loading for message in seen.messages)

        self.pressed.append(
            Pressed(
                id=name,
                chat=card.chat,
                action=action,
                incident=card.incident,
                heard=heard,
                answers=answers,
            )
        )

    async def _confirm(self, card: Posted, action: str, seen: discords.Seen | slacks.Seen) -> None:
        try:
            await _answered(seen)
            again = await self._yes(card, seen)
        except (TimeoutError, discords.CannotError, slacks.CannotError):
            return
        if again is not None:
            await self._note(card, f"{action} confirmed", again)

    async def _yes(
        self, card: Posted, seen: discords.Seen | slacks.Seen
    ) -> discords.Seen | slacks.Seen | None:
        if isinstance(seen, slacks.Seen):
            for message in seen.messages:
                for control in controls(message.blocks):
                    if control.label == "Yes, retry":
                        return await self.estate.town.slack.press(
                            seen.interaction.user,
                            channel=message.channel,
                            ts=message.ts,
                            action_id=control.action_id,
                        )
            return None
        for answer in seen.messages:
            for button in leaves(answer.components):
                if button.get("label") == "Yes, retry":
                    user = seen.interaction.user
                    return await self.estate.town.discord.press(
                        user, card.room.discord.id, answer.id, button["custom_id"]
                    )
        return None

    def _controls(self, card: Posted) -> list[Control]:
        return self._in_slack(card) if card.chat == "Slack" else self._in_discord(card)

    def _in_slack(self, card: Posted) -> list[Control]:
        message = card.room.slack.message(card.id)
        user = self.lot.choice((SLACK_ALICE, SLACK_BO))
        return [
            _slack_control(self.estate, user, card, one.action_id, option)
            for one in controls(message.blocks if message else ())
            for option in one.element.get("options", [None])
            if not one.element.get("url")
        ]

    def _in_discord(self, card: Posted) -> list[Control]:
        discord, room = self.estate.town.discord, card.room.discord
        user = self.lot.choice((self.estate.town.alice, self.estate.town.bo))
        message = discord.world.message(room.id, int(card.id))
        found = []
        for one in leaves(message.components):
            if one["type"] == BUTTON and not one.get("url"):
                found.append(_discord_button(discord, user, message, one))
            found += [
                _discord_choice(discord, user, message, one["custom_id"], option["value"])
                for option in one.get("options", ())
            ]
        return found


async def _answered(seen: discords.Seen | slacks.Seen) -> None:
    if isinstance(seen, slacks.Seen):
        await seen.reply(within=PATIENCE)
    else:
        await seen.settled(PATIENCE)


def _slack_control(
    estate: Estate, user: str, card: Posted, action_id: str, option: Mapping[str, Any] | None
) -> Control:
    value = str(option["value"]) if option else None
    action = value.partition(":")[0] if value else action_id.split(":")[1]

    async def press() -> slacks.Seen:
        return await estate.town.slack.press(
            user, channel=card.room.slack.id, ts=card.id, action_id=action_id, option=value
        )

    return Control(action, press)


def _discord_button(
    discord: discords.DiscordServer,
    user: discords.User,
    message: discords.Message,
    button: Mapping[str, Any],
) -> Control:
    async def press() -> discords.Seen:
        return await discord.press(user, message.channel_id, message.id, button["custom_id"])

    return Control(button["custom_id"].split(":")[1], press)


def _discord_choice(
    discord: discords.DiscordServer,
    user: discords.User,
    message: discords.Message,
    menu: str,
    value: str,
) -> Control:
    async def press() -> discords.Seen:
        return await discord.choose(user, message.channel_id, message.id, (menu, [value]))

    return Control(value.split(":")[1], press)
