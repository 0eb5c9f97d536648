"""What the app must be allowed to do, by the methods that it uses."""

from collections.abc import Mapping
from typing import Final

SCOPES: Final[Mapping[str, tuple[str, ...]]] = {
    "apps.connections.open": (),  # connections:write, of the app token
    "auth.test": (),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.history": ("channels:history", "groups:history"),
    "conversations.info": ("channels:read", "groups:read"),
    "conversations.open": ("im:write",),
    "conversations.replies": ("channels:history", "groups:history"),
    "files.completeUploadExternal": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "usergroups.users.list": ("usergroups:read",),
    "users.info": ("users:read",),
}
SLASH_COMMAND: Final = "commands"
WHAT_FOR: Final[Mapping[str, str]] = {
    "channels:history": "find its own messages after a restart",
    "channels:read": "check public channels",
    "chat:write": "post and edit cards",
    "commands": "hear /build",
    "files:write": "send full logs",
    "groups:history": "find its own messages in private channels",
    "groups:read": "check private channels",
    "im:write": "send full logs to the asker alone",
    "usergroups:read": "know who is in the groups that may retry",
    "users:read": "tell members from guests",
}


def needed() -> frozenset[str]:
    """Return every scope that the bot token needs."""
    return frozenset({SLASH_COMMAND, *(scope for scopes in SCOPES.values() for scope in scopes)})
