"""The things Discord keeps: users, guilds, channels, threads, messages, interactions."""

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import Final

from bot.standins.discord.refusal import Json


class Intent(IntFlag):
    """What a gateway session asked to hear."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    MESSAGE_CONTENT = 1 << 15


class MessageFlag(IntFlag):
    """The flags of a message that this model knows."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


NO_INTENTS: Final = Intent(0)
NO_FLAGS: Final = MessageFlag(0)


class MessageType(IntEnum):
    """Kinds of messages; people and bots write the first."""

    DEFAULT = 0
    THREAD_CREATED = 18
    CHAT_INPUT_COMMAND = 20
    THREAD_STARTER_MESSAGE = 21


@dataclass(slots=True, kw_only=True, eq=False)
class User:
    """One account, a person's or a bot's."""

    id: int
    name: str
    bot: bool = False
    locale: str = "en-US"


@dataclass(slots=True, kw_only=True)
class Role:
    """A named set of rights; the one whose id is the guild's is @everyone."""

    id: int
    name: str
    permissions: int = 0
    mentionable: bool = False
    position: int = 1
    bot_id: int | None = None


@dataclass(slots=True, kw_only=True)
class Member:
    """A user in one guild."""

    user: User
    joined: float
    roles: list[int] = field(default_factory=list)
    nick: str | None = None


@dataclass(slots=True, kw_only=True)
class Overwrite:
    """What a channel gives or takes, for one role or one member."""

    id: int
    member: bool = False
    allow: int = 0
    deny: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pings:
    """Who was called by a message."""

    users: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    everyone: bool = False

    def __bool__(self) -> bool:
        return bool(self.users or self.roles or self.everyone)


@dataclass(slots=True, kw_only=True)
class Attachment:
    """One file; its bytes are served where its address says."""

    id: int
    filename: str
    content_type: str
    data: bytes
    description: str | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Message:
    """A message as it is now."""

    id: int
    channel_id: int
    author: User
    created: float
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: MessageFlag = NO_FLAGS
    type: MessageType = MessageType.DEFAULT
    nonce: str | int | None = None
    pings: Pings = field(default_factory=Pings)
    """Whom it really called when it was posted; an edit calls nobody."""
    mentions: Pings = field(default_factory=Pings)
    pinned: bool = False
    edited: float | None = None
    edits: int = 0
    reactions: dict[str, set[int]] = field(default_factory=dict)
    reference: tuple[int, int | None] | None = None
    metadata: Json | None = None
    viewer_id: int | None = None
    """The only person who sees it, if it is ephemeral."""

    @property
    def loading(self) -> bool:
        """Say whether it still shows "is thinking"."""
        return MessageFlag.LOADING in self.flags

    @property
    def ephemeral(self) -> bool:
        """Say whether one person alone sees it."""
        return MessageFlag.EPHEMERAL in self.flags


@dataclass(slots=True, kw_only=True, eq=False)
class Channel:
    """A text channel and what was said in it, oldest first."""

    id: int
    guild_id: int
    name: str
    topic: str | None = None
    position: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class Thread(Channel):
    """A thread under a channel; it has no overwrites of its own."""

    parent_id: int
    owner_id: int
    created: float
    archive_changed: float
    private: bool = False
    archived: bool = False
    locked: bool = False
    auto_archive_minutes: int = 4_320
    members: dict[int, float] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Guild:
    """A server with its people and places; `channels` holds the threads too."""

    id: int
    name: str
    owner_id: int
    locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Application:
    """The bot's registration in the developer portal."""

    id: int
    name: str
    token: str
    owner: User
    bot: User
    privileged: Intent = NO_INTENTS
    """The privileged intents that the portal grants."""


class InteractionType(IntEnum):
    """What a person did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Answer(IntEnum):
    """How an application answers it first."""

    PONG = 1
    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(slots=True, kw_only=True, eq=False)
class Interaction:
    """One act of one person, and what the application made of it."""

    id: int
    token: str
    type: InteractionType
    user: User
    guild_id: int
    channel_id: int
    created: float
    data: Json
    source: Message | None = None
    before: "Interaction | None" = None
    """The interaction that opened the form, for a form that was sent."""
    answer: Answer | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] = field(default_factory=list)
