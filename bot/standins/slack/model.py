"""What a workspace is made of."""

from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Json: TypeAlias = dict[str, Any]

BOT_SCOPES: Final = frozenset(
    {
        "channels:history",
        "channels:join",
        "channels:read",
        "chat:write",
        "chat:write.public",
        "commands",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "pins:write",
        "reactions:write",
        "team:read",
        "usergroups:read",
        "users:read",
        "users:read.email",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The one app installed in the workspace: its names, secrets and settings."""

    id: str = "A0SMOKE"
    bot_id: str = "B0SMOKE"
    bot_user: str = "U0SMOKE"
    name: str = "smokejumper"
    bot_token: str = "xoxb-1-stand-in"  # noqa: S105 - a made-up token
    app_token: str = "xapp-1-stand-in"  # noqa: S105 - a made-up token
    signing_secret: str = "stand-in-secret"  # noqa: S105 - a made-up secret
    verification_token: str = "stand-in"  # noqa: S105 - what old apps checked; payloads still have it
    scopes: frozenset[str] = BOT_SCOPES
    app_scopes: frozenset[str] = frozenset({"connections:write"})
    commands: frozenset[str] = frozenset({"/build"})
    events: frozenset[str] = frozenset({"app_home_opened", "message", "member_joined_channel"})


@dataclass(slots=True, kw_only=True)
class User:
    id: str
    name: str
    real_name: str = ""
    email: str = ""
    tz: str = "Etc/UTC"
    tz_offset: int = 0
    team_id: str = ""
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_admin: bool = False
    deleted: bool = False
    locale: str = "en-US"

    def json(self, *, with_email: bool) -> Json:
        profile = {"display_name": self.name, "real_name": self.real_name or self.name}
        if with_email and self.email:
            profile["email"] = self.email
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.real_name or self.name,
            "deleted": self.deleted,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": self.tz_offset,
            "profile": profile,
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_bot": self.is_bot,
            "is_app_user": False,
            # Slack sends this key only for people of other organisations.
            **({"is_stranger": True} if self.is_stranger else {}),
        }


@dataclass(slots=True, kw_only=True)
class UserGroup:
    id: str
    handle: str
    name: str = ""
    users: list[str] = field(default_factory=list)
    disabled: bool = False


@dataclass(slots=True, kw_only=True)
class File:
    id: str
    name: str
    length: int
    title: str = ""
    content: bytes | None = None
    shared_in: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Message:
    ts: str
    channel: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    by_app: bool = False
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: Json | None = None
    edited_at: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    pinned: bool = False
    files: list[File] = field(default_factory=list)
    to: str | None = None
    """The only person who sees it, if it is ephemeral."""
    answers: str | None = None
    """The interaction that it answers through a response URL or an acknowledgement."""
    deleted: bool = False
    """Its thread lives on, so a tombstone stands in its place."""

    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(slots=True, kw_only=True)
class Channel:
    id: str
    name: str = ""
    private: bool = False
    archived: bool = False
    shared: bool = False
    members: set[str] = field(default_factory=set)
    partner: str | None = None
    """The person at the other end, if it is a direct message of the bot."""
    messages: list[Message] = field(default_factory=list)

    def message(self, ts: str) -> Message | None:
        return next((each for each in self.messages if each.ts == ts), None)

    def thread(self, ts: str) -> list[Message]:
        """Return the first message of the thread *ts* and its replies, oldest first."""
        return [each for each in self.messages if ts in (each.ts, each.thread_ts)]

    @property
    def kind(self) -> str:
        """Say which family of scopes reaches it."""
        if self.partner:
            return "im"
        return "groups" if self.private else "channels"


@dataclass(slots=True, kw_only=True)
class View:
    id: str
    user: str
    body: Json
    hash: str
    root: str = ""
    previous: str | None = None
    values: Json = field(default_factory=dict)
