"""Post, edit, delete and read messages, by the rules of the place."""

from typing import Final

from bot.standins.discord import bodies
from bot.standins.discord.bodies import Draft
from bot.standins.discord.mentions import pings
from bot.standins.discord.message_wire import message_json
from bot.standins.discord.model import (
    Channel,
    Intent,
    Message,
    MessageFlag,
    Thread,
    User,
)
from bot.standins.discord.permissions import Permission
from bot.standins.discord.refusal import Code, Json, RefusalError
from bot.standins.discord.threads import reopen_to_speak
from bot.standins.discord.world import Act, Event, World

ASKED_FOR: Final = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS


def post(world: World, channel: Channel, author: User, draft: Draft) -> Message:
    """Post a message, or return the one that this nonce already made.

    Raises:
        RefusalError: The author may not, or the body is bad.
    """
    _need_to_post(world, channel, author, draft)
    bodies.check(world.rules, draft)
    if draft.body.get("enforce_nonce"):
        known = _same_nonce(world, author, draft.body.get("nonce"))
        if known is not None:
            return known
    message = new_message(world, channel, author, draft)
    message.nonce = draft.body.get("nonce")
    if isinstance(channel, Thread):
        reopen_to_speak(world, channel, author)
        channel.members.setdefault(author.id, world.clock())
    append(world, channel, message)
    world.acts.append(
        Act(kind="post", channel_id=channel.id, message_id=message.id, nonce=message.nonce)
    )
    return message


def new_message(world: World, channel: Channel, author: User, draft: Draft) -> Message:
    """Make a message that is in no history yet."""
    message = Message(
        id=world.new_id(), channel_id=channel.id, author=author, created=world.clock()
    )
    message.flags = draft.flags & ASKED_FOR
    bodies.apply(message, draft, world.new_id)
    allowed = draft.body.get("allowed_mentions")
    message.pings = message.mentions = pings(world, channel, author, message.content, allowed)
    return message


def append(world: World, channel: Channel, message: Message) -> None:
    """Put *message* at the end of the channel's history and tell everyone there."""
    channel.messages.append(message)
    _tell(world, "MESSAGE_CREATE", channel, message)


def edit(world: World, message: Message, draft: Draft) -> None:
    """Change a message of the bot; nobody is called by that.

    Raises:
        RefusalError: It is someone else's, its thread is archived, or the body is bad.
    """
    channel = world.channel(message.channel_id)
    if message.author is not world.application.bot:
        raise RefusalError(Code.NOT_YOUR_MESSAGE)
    if isinstance(channel, Thread) and channel.archived and not message.ephemeral:
        raise RefusalError(Code.THREAD_ARCHIVED)
    overlay(world, message, draft)
    world.acts.append(Act(kind="edit", channel_id=channel.id, message_id=message.id))


def overlay(world: World, message: Message, draft: Draft) -> None:
    """Check the body, lay it over the message and tell everyone who sees it.

    Raises:
        RefusalError: The body is bad.
    """
    channel = world.channel(message.channel_id)
    bodies.check(world.rules, draft)
    bodies.apply(message, draft, world.new_id)
    message.flags &= ~MessageFlag.LOADING
    allowed = draft.body.get("allowed_mentions")
    message.mentions = pings(world, channel, message.author, message.content, allowed)
    message.edited = world.clock()
    message.edits += 1
    if not message.ephemeral:
        _tell(world, "MESSAGE_UPDATE", channel, message)


def delete(world: World, channel: Channel, message: Message, by: User) -> None:
    """Take a message out of the history.

    Raises:
        RefusalError: It is someone else's and *by* may not manage messages.
    """
    mine = message.author is by
    world.need(channel, by, Permission(0) if mine else Permission.MANAGE_MESSAGES)
    if isinstance(channel, Thread) and channel.archived:
        raise RefusalError(Code.THREAD_ARCHIVED)
    remove(world, channel, message)
    world.acts.append(Act(kind="delete", channel_id=channel.id, message_id=message.id))


def remove(world: World, channel: Channel, message: Message) -> None:
    channel.messages.remove(message)
    data = {
        "id": str(message.id),
        "channel_id": str(channel.id),
        "guild_id": str(channel.guild_id),
    }
    needs = Intent.GUILD_MESSAGES
    world.hear(Event(name="MESSAGE_DELETE", data=data, needs=needs, channel=channel))


def read(
    world: World, channel: Channel, *, limit: int, before: int | None, after: int | None
) -> list[Message]:
    """Return a page of history, newest first; nothing to who may not read history."""
    world.need(channel, world.application.bot, Permission.VIEW_CHANNEL)
    granted = world.granted(channel, world.application.bot)
    if Permission.READ_MESSAGE_HISTORY not in granted:
        return []
    found = [m for m in channel.messages if before is None or m.id < before]
    if after is not None:
        # The oldest ones after that point, still shown newest first.
        return [m for m in found if m.id > after][:limit][::-1]
    return found[-limit:][::-1]


def react(world: World, message: Message, user: User, emoji: str, *, add: bool) -> None:
    """Add or take away a reaction."""
    users = message.reactions.setdefault(emoji, set())
    if (user.id in users) == add:
        return
    (users.add if add else users.discard)(user.id)
    if not users:
        del message.reactions[emoji]
    channel = world.channel(message.channel_id)
    data: Json = {
        "user_id": str(user.id),
        "channel_id": str(channel.id),
        "message_id": str(message.id),
        "guild_id": str(channel.guild_id),
        "emoji": {"id": None, "name": emoji},
        "burst": False,
        "type": 0,
    }
    name = "MESSAGE_REACTION_ADD" if add else "MESSAGE_REACTION_REMOVE"
    needs = Intent.GUILD_MESSAGE_REACTIONS
    world.hear(Event(name=name, data=data, needs=needs, channel=channel))


def _need_to_post(world: World, channel: Channel, author: User, draft: Draft) -> None:
    inside = isinstance(channel, Thread)
    needed = Permission.SEND_MESSAGES_IN_THREADS if inside else Permission.SEND_MESSAGES
    if draft.body.get("embeds"):
        needed |= Permission.EMBED_LINKS
    if draft.files:
        needed |= Permission.ATTACH_FILES
    world.need(channel, author, needed)
    if isinstance(channel, Thread) and channel.locked:
        may_manage = Permission.MANAGE_THREADS in world.granted(channel, author)
        if not may_manage:
            raise RefusalError(Code.THREAD_LOCKED)


def _same_nonce(world: World, author: User, nonce: object) -> Message | None:
    if nonce is None:
        return None
    since = world.clock() - world.rules.nonce_memory.total_seconds()
    for guild in world.guilds.values():
        for channel in guild.channels.values():
            for message in reversed(channel.messages):
                if message.created < since:
                    break
                if message.author is author and message.nonce == nonce:
                    return message
    return None


def _tell(world: World, name: str, channel: Channel, message: Message) -> None:
    data = message_json(world, message) | {"guild_id": str(channel.guild_id)}
    needs = Intent.GUILD_MESSAGES
    world.hear(Event(name=name, data=data, needs=needs, message=message, channel=channel))
