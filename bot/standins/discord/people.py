"""The people of a stand-in: they press, type, fill in forms and see what comes back."""

from collections.abc import Mapping, Sequence

from bot.standins.discord import commands, interactions, messages, typed
from bot.standins.discord.bodies import Draft
from bot.standins.discord.changes import Changes
from bot.standins.discord.components import BUTTON, LINK, leaves
from bot.standins.discord.modals import filled_in
from bot.standins.discord.model import (
    Channel,
    Interaction,
    InteractionType,
    Message,
    User,
)
from bot.standins.discord.permissions import Permission, in_channel
from bot.standins.discord.refusal import Json
from bot.standins.discord.seen import Seen
from bot.standins.discord.typed import CannotError
from bot.standins.discord.world import World


class People:
    """Each act waits for the first answer, at most three seconds, as the client does."""

    def __init__(self, world: World, changes: Changes) -> None:
        self.world = world
        self.changes = changes

    async def press(self, user: User, channel_id: int, message_id: int, custom_id: str) -> Seen:
        """Press a button of a message as it is now.

        Raises:
            CannotError: The person does not see it, or it is not there or dead.
        """
        source = self._message_seen(user, channel_id, message_id)
        button = _component(source, custom_id)
        if button["type"] != BUTTON or button.get("style") == LINK:
            msg = f"{custom_id} is no button that tells the bot."
            raise CannotError(msg)
        data = {"component_type": BUTTON, "custom_id": custom_id, "id": button["id"]}
        return await self._act(user, channel_id, InteractionType.COMPONENT, data, source=source)

    async def choose(
        self, user: User, channel_id: int, message_id: int, chosen: tuple[str, Sequence[str]]
    ) -> Seen:
        """Choose values in a menu; *chosen* is its custom id and the values.

        Raises:
            CannotError: The person does not see it, or it does not offer that.
        """
        custom_id, values = chosen
        source = self._message_seen(user, channel_id, message_id)
        menu = _component(source, custom_id)
        offered = [option["value"] for option in menu.get("options", values)]
        fits = menu.get("min_values", 1) <= len(values) <= menu.get("max_values", 1)
        if menu["type"] == BUTTON or not fits or not set(values) <= set(offered):
            msg = f"{custom_id} does not take {values}; it offers {offered}."
            raise CannotError(msg)
        data = {
            "component_type": menu["type"],
            "custom_id": custom_id,
            "id": menu["id"],
            "values": list(values),
        }
        return await self._act(user, channel_id, InteractionType.COMPONENT, data, source=source)

    async def command(
        self, user: User, channel_id: int, name: str, options: Mapping[str, object] | None = None
    ) -> Seen:
        """Type a slash command, such as "build retry"; threads take them too.

        Raises:
            CannotError: The person may not, or it is not registered so.
        """
        channel, found, path = self._offered(user, channel_id, name)
        asked = (path[-1] if path else found).get("options", [])
        guild = self.world.guilds[channel.guild_id]
        filled = typed.filled(guild, asked, options or {})
        data = typed.command_data(found, path, filled)
        resolved = typed.resolved(guild, filled)
        if resolved:
            data["resolved"] = resolved
        return await self._act(user, channel_id, InteractionType.COMMAND, data)

    async def autocomplete(
        self,
        user: User,
        channel_id: int,
        name: str,
        options: Mapping[str, object] | None = None,
        *,
        focused: str,
    ) -> Seen:
        """Type into option *focused* and see what is offered.

        Raises:
            CannotError: The person may not, or that option completes nothing.
        """
        _, found, path = self._offered(user, channel_id, name)
        asked = (path[-1] if path else found).get("options", [])
        filled = typed.half_filled(asked, options or {}, focused=focused)
        data = typed.command_data(found, path, filled)
        return await self._act(user, channel_id, InteractionType.AUTOCOMPLETE, data)

    async def submit(self, user: User, opened: Seen, values: Mapping[str, str]) -> Seen:
        """Fill in the form that *opened* showed, and send it.

        Raises:
            CannotError: There is no form, or it does not take these values.
        """
        before = opened.interaction
        if before.modal is None or before.user is not user:
            msg = f"{user.name} has no form open."
            raise CannotError(msg)
        interaction = self._new(
            user, before.channel_id, InteractionType.MODAL, filled_in(before.modal, values)
        )
        interaction.source = before.source
        interaction.before = before
        return await self._send(interaction)

    async def say(self, user: User, channel_id: int, text: str) -> Message:
        """Post a message as a person does.

        Raises:
            RefusalError: The person may not.
        """
        channel = self.world.channel(channel_id)
        message = messages.post(self.world, channel, user, Draft(body={"content": text}))
        self.changes.notify()
        return message

    def sees(self, user: User, channel_id: int) -> list[Message]:
        """Return what *user* sees in a channel: its history and what is for their eyes alone."""
        channel = self._visible(user, channel_id)
        private = [
            message
            for message in self.world.private.values()
            if message.channel_id == channel_id and message.viewer_id == user.id
        ]
        return sorted([*channel.messages, *private], key=lambda message: message.id)

    def _visible(self, user: User, channel_id: int) -> Channel:
        channel = self.world.channel(channel_id)
        if Permission.VIEW_CHANNEL not in self.world.granted(channel, user):
            msg = f"{user.name} does not see #{channel.name}."
            raise CannotError(msg)
        return channel

    def _message_seen(self, user: User, channel_id: int, message_id: int) -> Message:
        for message in self.sees(user, channel_id):
            if message.id == message_id:
                return message
        msg = f"{user.name} sees no message {message_id} there."
        raise CannotError(msg)

    def _offered(self, user: User, channel_id: int, name: str) -> tuple[Channel, Json, list[Json]]:
        channel = self._visible(user, channel_id)
        guild = self.world.guilds[channel.guild_id]
        registered = [
            *commands.listed(self.world, guild.id),
            *commands.listed(self.world, None),
        ]
        found, path = typed.find(registered, name)
        granted = in_channel(guild, channel, guild.members[user.id])
        needed = Permission.USE_APPLICATION_COMMANDS
        extra = int(found["default_member_permissions"] or 0)
        if needed not in granted or (granted & extra) != extra:
            msg = f"{user.name} may not use /{name} in #{channel.name}."
            raise CannotError(msg)
        return channel, found, path

    def _new(self, user: User, channel_id: int, kind: InteractionType, data: Json) -> Interaction:
        return Interaction(
            id=self.world.new_id(),
            token=interactions.new_token(),
            type=kind,
            user=user,
            guild_id=self.world.channel(channel_id).guild_id,
            channel_id=channel_id,
            created=self.world.clock(),
            data=data,
        )

    async def _act(
        self,
        user: User,
        channel_id: int,
        kind: InteractionType,
        data: Json,
        *,
        source: Message | None = None,
    ) -> Seen:
        interaction = self._new(user, channel_id, kind, data)
        interaction.source = source
        return await self._send(interaction)

    async def _send(self, interaction: Interaction) -> Seen:
        interactions.send(self.world, interaction)
        guild = self.world.guilds[interaction.guild_id]
        seen = Seen(interaction=interaction, guild=guild, changes=self.changes)
        within = self.world.rules.first_answer
        try:
            await self.changes.until(lambda: interaction.answer is not None, within=within)
        except TimeoutError:
            return seen  # it says itself that nobody answered
        return seen


def _component(message: Message, custom_id: str) -> Json:
    there = {each["custom_id"]: each for each in leaves(message.components) if "custom_id" in each}
    if custom_id not in there:
        msg = f"Message {message.id} shows {sorted(there)}, not {custom_id}."
        raise CannotError(msg)
    if there[custom_id].get("disabled"):
        msg = f"{custom_id} is greyed out."
        raise CannotError(msg)
    return there[custom_id]
