"""The whole state, how to look things up in it, and whom to tell when it changes."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.standins.discord.model import (
    NO_INTENTS,
    Application,
    Channel,
    Guild,
    Intent,
    Interaction,
    Member,
    Message,
    Thread,
    User,
)
from bot.standins.discord.permissions import Permission, in_channel
from bot.standins.discord.refusal import Code, Json, RefusalError
from bot.standins.discord.rules import Rules
from bot.standins.discord.snowflakes import Clock, Snowflakes


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something a gateway session may hear, if it asked for it and may see the place."""

    name: str
    data: Json
    needs: Intent = NO_INTENTS
    message: Message | None = None
    channel: Channel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that was done to this world through the API, for tests to count."""

    kind: str
    channel_id: int | None = None
    message_id: int | None = None
    nonce: str | int | None = None


@dataclass(slots=True, kw_only=True)
class World:
    """Everything one stand-in remembers."""

    rules: Rules
    clock: Clock
    application: Application
    new_id: Snowflakes
    base_url: str = ""
    users: dict[int, User] = field(default_factory=dict)
    guilds: dict[int, Guild] = field(default_factory=dict)
    private: dict[int, Message] = field(default_factory=dict)
    """Ephemeral messages: in no channel's history."""
    interactions: dict[str, Interaction] = field(default_factory=dict)
    global_commands: list[Json] = field(default_factory=list)
    guild_commands: dict[int, list[Json]] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    hear: Callable[[Event], None] = lambda _: None

    def guild(self, guild_id: int) -> Guild:
        """Return a guild that the bot is in.

        Raises:
            RefusalError: There is none.
        """
        guild = self.guilds.get(guild_id)
        if guild is None or self.application.bot.id not in guild.members:
            raise RefusalError(Code.UNKNOWN_GUILD)
        return guild

    def member(self, guild_id: int, user_id: int) -> Member:
        """Return a member of a guild.

        Raises:
            RefusalError: No such guild, user or member.
        """
        member = self.guild(guild_id).members.get(user_id)
        if member is None:
            unknown = Code.UNKNOWN_MEMBER if user_id in self.users else Code.UNKNOWN_USER
            raise RefusalError(unknown)
        return member

    def channel(self, channel_id: int) -> Channel:
        """Return a channel or thread, whoever may see it.

        Raises:
            RefusalError: There is none.
        """
        for guild in self.guilds.values():
            if channel_id in guild.channels:
                return guild.channels[channel_id]
        raise RefusalError(Code.UNKNOWN_CHANNEL)

    def thread(self, channel_id: int) -> Thread:
        """Return a thread.

        Raises:
            RefusalError: There is none, or it is another kind of channel.
        """
        channel = self.channel(channel_id)
        if not isinstance(channel, Thread):
            raise RefusalError(Code.WRONG_CHANNEL_TYPE)
        return channel

    def thread_of(self, message: Message) -> Thread | None:
        """Return the thread that hangs under *message*: it has the same id."""
        for guild in self.guilds.values():
            thread = guild.channels.get(message.id)
            if isinstance(thread, Thread):
                return thread
        return None

    def message(self, channel_id: int, message_id: int) -> Message:
        """Return a message of a channel's history.

        Raises:
            RefusalError: There is none; an ephemeral one is in no history.
        """
        for message in self.channel(channel_id).messages:
            if message.id == message_id:
                return message
        raise RefusalError(Code.UNKNOWN_MESSAGE)

    def granted(self, channel: Channel, user: User) -> Permission:
        """Return what *user* may do in *channel*: nothing to those who are not in the guild."""
        guild = self.guilds[channel.guild_id]
        member = guild.members.get(user.id)
        return in_channel(guild, channel, member) if member else Permission(0)

    def need(self, channel: Channel, user: User, needed: Permission) -> None:
        """Refuse what *user* may not do.

        Raises:
            RefusalError: 50001 for a place that they do not see, 50013 otherwise.
        """
        granted = self.granted(channel, user)
        if Permission.VIEW_CHANNEL not in granted:
            raise RefusalError(Code.MISSING_ACCESS)
        if needed not in granted:
            raise RefusalError(Code.MISSING_PERMISSIONS)

    def count(self, kind: str, **which: int | str) -> int:
        """Count acts of one kind; *which* narrows by a field of `Act`.

        Kinds: post, edit, delete, thread, thread edit, answer, answer edit, follow-up, sync.
        """
        return sum(
            act.kind == kind and all(getattr(act, name) == which[name] for name in which)
            for act in self.acts
        )
