"""The Web API: every method with its tier, the scope it needs and what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bot.standins.slack.call import Call
from bot.standins.slack.limits import Tier
from bot.standins.slack.methods import chat, conversations, files, marks, people, views
from bot.standins.slack.model import Json


@dataclass(frozen=True, slots=True)
class Method:
    tier: Tier
    scope: str | None
    """None: no scope, or the method itself asks by kind of conversation."""
    run: Callable[[Call], Json]


METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "auth.test": Method(Tier.SPECIAL, None, people.auth_test),
        "bots.info": Method(Tier.THREE, "users:read", people.bots_info),
        "chat.delete": Method(Tier.THREE, "chat:write", chat.delete),
        "chat.getPermalink": Method(Tier.SPECIAL, None, chat.get_permalink),
        "chat.postEphemeral": Method(Tier.FOUR, "chat:write", chat.post_ephemeral),
        "chat.postMessage": Method(Tier.SPECIAL, "chat:write", chat.post_message),
        "chat.update": Method(Tier.THREE, "chat:write", chat.update),
        "conversations.history": Method(Tier.THREE, None, conversations.history),
        "conversations.info": Method(Tier.THREE, None, conversations.info),
        "conversations.join": Method(Tier.THREE, "channels:join", conversations.join),
        "conversations.list": Method(Tier.TWO, None, conversations.list_all),
        "conversations.members": Method(Tier.FOUR, None, conversations.members),
        "conversations.open": Method(Tier.THREE, "im:write", conversations.open_direct),
        "conversations.replies": Method(Tier.THREE, None, conversations.replies),
        "files.completeUploadExternal": Method(Tier.FOUR, "files:write", files.complete_upload),
        "files.getUploadURLExternal": Method(Tier.FOUR, "files:write", files.get_upload_url),
        "pins.add": Method(Tier.TWO, "pins:write", marks.add_pin),
        "reactions.add": Method(Tier.THREE, "reactions:write", marks.add_reaction),
        "reactions.remove": Method(Tier.TWO, "reactions:write", marks.remove_reaction),
        "team.info": Method(Tier.THREE, "team:read", people.team_info),
        "usergroups.list": Method(Tier.TWO, "usergroups:read", people.usergroups_list),
        "usergroups.users.list": Method(Tier.TWO, "usergroups:read", people.usergroups_users),
        "users.info": Method(Tier.FOUR, "users:read", people.users_info),
        "users.list": Method(Tier.TWO, "users:read", people.users_list),
        "users.lookupByEmail": Method(Tier.THREE, "users:read.email", people.lookup_by_email),
        "views.open": Method(Tier.FOUR, None, views.open_view),
        "views.publish": Method(Tier.FOUR, None, views.publish_view),
        "views.push": Method(Tier.FOUR, None, views.push_view),
        "views.update": Method(Tier.FOUR, None, views.update_view),
    }
)
