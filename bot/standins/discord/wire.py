"""Write users, guilds and channels as Discord's JSON."""

from typing import Final

from bot.standins.discord.model import (
    Application,
    Channel,
    Guild,
    Intent,
    Member,
    Role,
    Thread,
    User,
)
from bot.standins.discord.refusal import Json
from bot.standins.discord.snowflakes import iso

TEXT: Final = 0
PUBLIC_THREAD: Final = 11
PRIVATE_THREAD: Final = 12

# A small application (under 100 servers) has the "limited" bit of each granted intent.
APPLICATION_FLAGS: Final = {
    Intent.GUILD_PRESENCES: 1 << 13,
    Intent.GUILD_MEMBERS: 1 << 15,
    Intent.MESSAGE_CONTENT: 1 << 19,
}


def user_json(user: User) -> Json:
    return {
        "id": str(user.id),
        "username": user.name,
        "avatar": None,
        "discriminator": "0",
        "public_flags": 0,
        "flags": 0,
        "bot": user.bot,
        "global_name": None,
        "primary_guild": None,
    }


def own_user_json(user: User) -> Json:
    return user_json(user) | {"mfa_enabled": True, "locale": user.locale, "verified": True}


def member_json(member: Member, *, permissions: int | None = None) -> Json:
    shown: Json = {
        "user": user_json(member.user),
        "avatar": None,
        "banner": None,
        "communication_disabled_until": None,
        "flags": 0,
        "joined_at": iso(member.joined),
        "nick": member.nick,
        "pending": False,
        "premium_since": None,
        "roles": [str(role) for role in member.roles],
        "mute": False,
        "deaf": False,
    }
    return shown if permissions is None else shown | {"permissions": str(permissions)}


def role_json(role: Role) -> Json:
    shown: Json = {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": role.bot_id is not None,
        "mentionable": role.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    return shown if role.bot_id is None else shown | {"tags": {"bot_id": str(role.bot_id)}}


def application_json(application: Application, *, guilds: int) -> Json:
    flags = sum(
        bit for intent, bit in APPLICATION_FLAGS.items() if intent in application.privileged
    )
    return {
        "id": str(application.id),
        "name": application.name,
        "icon": None,
        "description": "",
        "type": None,
        "bot": user_json(application.bot),
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": flags,
        "flags_new": str(flags),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user_json(application.owner),
        "approximate_guild_count": guilds,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
    }


def guild_json(guild: Guild) -> Json:
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": [],
        "banner": None,
        "owner_id": str(guild.owner_id),
        "application_id": None,
        "region": "us-west",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "roles": [role_json(role) for role in guild.roles.values()],
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": guild.locale,
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
    }


def channel_json(channel: Channel) -> Json:
    """Write a channel, or a thread."""
    last = channel.messages[-1].id if channel.messages else None
    shown: Json = {
        "id": str(channel.id),
        "guild_id": str(channel.guild_id),
        "name": channel.name,
        "last_message_id": None if last is None else str(last),
        "flags": 0,
        "rate_limit_per_user": 0,
    }
    if isinstance(channel, Thread):
        return shown | _thread_part(channel)
    overwrites = [
        {"id": str(o.id), "type": int(o.member), "allow": str(o.allow), "deny": str(o.deny)}
        for o in channel.overwrites.values()
    ]
    return shown | {
        "type": TEXT,
        "position": channel.position,
        "parent_id": None,
        "topic": channel.topic,
        "nsfw": False,
        "permission_overwrites": overwrites,
    }


def _thread_part(thread: Thread) -> Json:
    said = max(len(thread.messages) - 1, 0)  # the starter message is not counted
    return {
        "type": PRIVATE_THREAD if thread.private else PUBLIC_THREAD,
        "parent_id": str(thread.parent_id),
        "owner_id": str(thread.owner_id),
        "message_count": said,
        "total_message_sent": said,
        "member_count": len(thread.members),
        "thread_metadata": {
            "archived": thread.archived,
            "archive_timestamp": iso(thread.archive_changed),
            "auto_archive_duration": thread.auto_archive_minutes,
            "locked": thread.locked,
            "create_timestamp": iso(thread.created),
        },
    }


def thread_member_json(thread: Thread, user_id: int) -> Json:
    return {
        "id": str(thread.id),
        "user_id": str(user_id),
        "join_timestamp": iso(thread.members[user_id]),
        "flags": 0,
    }


def guild_create_json(guild: Guild, *, seen: list[Channel], bot: Member) -> Json:
    """Write GUILD_CREATE as a session without the members intent gets it."""
    threads = [c for c in seen if isinstance(c, Thread) and not c.archived]
    return guild_json(guild) | {
        "joined_at": iso(bot.joined),
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [member_json(bot)],
        "channels": [channel_json(c) for c in seen if not isinstance(c, Thread)],
        "threads": [channel_json(thread) for thread in threads],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }
