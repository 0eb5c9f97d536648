"""An interaction as the press that it means."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import discord

from bot.adapters.discord.buttons import MENU, pressed
from bot.adapters.discord.commands import typed
from bot.domain.ids import PressId
from bot.domain.person import Person, Platform
from bot.domain.press import Press, PressKind
from bot.domain.subscription import Place

COMMANDS: Final = {
    discord.InteractionType.application_command: PressKind.COMMAND,
    discord.InteractionType.autocomplete: PressKind.CHOICES,
}


def read(interaction: discord.Interaction[Any], *, at: datetime) -> Press | None:
    """Return what a person sent; None for a button that nobody here made."""
    data: Mapping[str, Any] = interaction.data or {}
    about: dict[str, Any] = {
        "id": PressId(f"discord:{interaction.id}"),
        "place": Place(platform=Platform.DISCORD, channel=_channel(interaction)),
        # The user name, since anyone may take another's display name.
        "by": Person(
            platform=Platform.DISCORD, id=str(interaction.user.id), name=interaction.user.name
        ),
        "token": f"{interaction.application_id}/{interaction.token}",
        "received_at": at,
    }
    if kind := COMMANDS.get(interaction.type):
        name, arguments = typed(data)
        return Press(kind=kind, name=name, arguments=arguments, **about)
    found = pressed(_chosen(data))
    if interaction.type is not discord.InteractionType.component or found is None:
        return None
    name, target = found
    message = str(interaction.message.id) if interaction.message else ""
    return Press(kind=PressKind.BUTTON, name=name, target=target, message=message, **about)


def answer_ids(token: str) -> dict[str, str]:
    """Return what Discord's routes for answers need, from the token that `read` kept."""
    application, _, secret = token.partition("/")
    return {"webhook_id": application, "webhook_token": secret}


def _chosen(data: Mapping[str, Any]) -> str:
    custom_id = str(data.get("custom_id", ""))
    if custom_id != MENU:
        return custom_id
    values = data.get("values") or [""]
    return str(values[0])


def _channel(interaction: discord.Interaction[Any]) -> str:
    # A thread belongs to the channel that it hangs under: rights and subscriptions are of that.
    channel = interaction.channel
    if isinstance(channel, discord.Thread):
        return str(channel.parent_id)
    return str(interaction.channel_id or "")
