"""Who may do what where: roles first, then the channel's overwrites."""

from enum import IntFlag

from bot.standins.discord.model import Channel, Guild, Member, Thread


class Permission(IntFlag):
    """The rights that this model asks for, with Discord's bits."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38


EVERYONE = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)
NONE = Permission(0)
ALL = Permission(sum(Permission))


def in_guild(guild: Guild, member: Member) -> Permission:
    """Return what *member* may do before any channel narrows or widens it."""
    if member.user.id == guild.owner_id:
        return ALL
    bits = guild.roles[guild.id].permissions
    for role in member.roles:
        bits |= guild.roles[role].permissions
    granted = Permission(bits)
    return ALL if Permission.ADMINISTRATOR in granted else granted


def in_channel(guild: Guild, channel: Channel, member: Member) -> Permission:
    """Return what *member* may do in *channel*; a thread follows the channel it hangs under."""
    granted = in_guild(guild, member)
    if granted == ALL:
        return ALL
    place = guild.channels[channel.parent_id] if isinstance(channel, Thread) else channel
    bits = int(granted)
    everyone = place.overwrites.get(guild.id)
    if everyone:
        bits = bits & ~everyone.deny | everyone.allow
    mine = [place.overwrites[role] for role in member.roles if role in place.overwrites]
    for each in mine:
        bits &= ~each.deny
    for each in mine:
        bits |= each.allow
    personal = place.overwrites.get(member.user.id)
    if personal:
        bits = bits & ~personal.deny | personal.allow
    seen = Permission(bits)
    return seen if Permission.VIEW_CHANNEL in seen else NONE
