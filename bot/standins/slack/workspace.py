"""The workspace: people, channels, messages, views; pure state, no network."""

import secrets
import time
from collections.abc import Callable, Iterable

from bot.standins.slack.model import App, Channel, File, Json, Message, User, UserGroup, View


class Workspace:
    """One Slack workspace with one installed app."""

    def __init__(  # noqa: PLR0913 - a description of a world, every part keyword-only
        self,
        *,
        users: Iterable[User] = (),
        channels: Iterable[Channel] = (),
        groups: Iterable[UserGroup] = (),
        app: App | None = None,
        team_id: str = "T0ACME",
        domain: str = "acme",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.app = app or App()
        self.team_id = team_id
        self.domain = domain
        self.clock = clock
        bot = User(id=self.app.bot_user, name=self.app.name, is_bot=True)
        self.users = {user.id: user for user in (bot, *users)}
        for user in self.users.values():
            user.team_id = user.team_id or team_id
        self.channels = {channel.id: channel for channel in channels}
        self.groups = {group.id: group for group in groups}
        self.files: dict[str, File] = {}
        self.ephemerals: list[Message] = []
        self.views: dict[str, View] = {}
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self._last_micro = 0

    def next_ts(self) -> str:
        """Return a timestamp that no other message has."""
        self._last_micro = max(self._last_micro + 1, int(self.clock() * 1_000_000))
        seconds, micro = divmod(self._last_micro, 1_000_000)
        return f"{seconds}.{micro:06d}"

    def new_id(self, letter: str) -> str:
        return letter + secrets.token_hex(5).upper()

    def is_member(self, channel: Channel) -> bool:
        """Say whether the bot is in *channel*."""
        return channel.partner is not None or self.app.bot_user in channel.members

    def can_see(self, user: str, channel: Channel) -> bool:
        if channel.partner or channel.private:
            return user in channel.members
        # Guests are in named channels only; everyone else may look into a public one.
        person = self.users[user]
        outsider = person.is_restricted or person.is_ultra_restricted or person.is_stranger
        return user in channel.members or not outsider

    def direct(self, user: str) -> Channel:
        """Return the bot's direct messages with *user*, opened if need be."""
        known = next((each for each in self.channels.values() if each.partner == user), None)
        if known:
            return known
        channel = Channel(
            id=self.new_id("D"), partner=user, private=True, members={user, self.app.bot_user}
        )
        self.channels[channel.id] = channel
        return channel

    def post(self, message: Message) -> Message:
        """Put *message* where it belongs: into its channel, or before one person's eyes."""
        if message.to:
            self.ephemerals.append(message)
        else:
            self.channels[message.channel].messages.append(message)
        return message

    def from_app(self, channel: Channel, *, text: str = "", **parts: object) -> Message:
        """Make (not post) a message of the bot."""
        fields: Json = parts
        return Message(
            ts=self.next_ts(),
            channel=channel.id,
            user=self.app.bot_user,
            by_app=True,
            text=text,
            **fields,
        )

    def drop(self, message: Message) -> None:
        """Take *message* away, or leave a tombstone if a thread hangs on it."""
        if message.to:
            self.ephemerals.remove(message)
            return
        channel = self.channels[message.channel]
        if len(channel.thread(message.ts)) == 1 or message.is_reply():
            channel.messages.remove(message)
            return
        message.text, message.blocks, message.files = "This message was deleted.", [], []
        message.metadata, message.deleted = None, True

    def seen_by(self, user: str, channel: Channel) -> list[Message]:
        """Return what *user* sees in *channel* and its threads, oldest first."""
        common = channel.messages if self.can_see(user, channel) else []
        own = [each for each in self.ephemerals if (each.to, each.channel) == (user, channel.id)]
        return sorted([*common, *own], key=lambda message: message.ts)

    def names(self) -> dict[str, str]:
        """Return what each id is called in running text."""
        return (
            {user.id: f"@{user.name}" for user in self.users.values()}
            | {group.id: f"@{group.handle}" for group in self.groups.values()}
            | {channel.id: f"#{channel.name}" for channel in self.channels.values()}
        )
