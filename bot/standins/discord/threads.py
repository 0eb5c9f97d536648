"""Start, archive, lock and rename threads."""

from typing import Final

from bot.standins.discord.form import Form
from bot.standins.discord.message_wire import message_json
from bot.standins.discord.model import (
    Channel,
    Intent,
    Message,
    MessageFlag,
    MessageType,
    Thread,
    User,
)
from bot.standins.discord.permissions import Permission
from bot.standins.discord.refusal import Code, Json, RefusalError
from bot.standins.discord.wire import PRIVATE_THREAD, PUBLIC_THREAD, channel_json
from bot.standins.discord.world import Act, Event, World

ARCHIVE_MINUTES: Final = (60, 1_440, 4_320, 10_080)


def start_under(world: World, message: Message, body: Json) -> Thread:
    """Start the thread of a message; it takes the message's id.

    Raises:
        RefusalError: It has one already (160004), or the bot may not, or the body is bad.
    """
    parent = world.channel(message.channel_id)
    if isinstance(parent, Thread):
        raise RefusalError(Code.WRONG_CHANNEL_TYPE)
    world.need(parent, world.application.bot, Permission.CREATE_PUBLIC_THREADS)
    _check(world, body)
    if MessageFlag.HAS_THREAD in message.flags:
        raise RefusalError(Code.THREAD_EXISTS)
    thread = _thread(world, parent, message.id, body)
    starter = Message(
        id=world.new_id(), channel_id=thread.id, author=message.author, created=world.clock()
    )
    starter.type = MessageType.THREAD_STARTER_MESSAGE
    starter.reference = (parent.id, message.id)
    thread.messages.append(starter)
    message.flags |= MessageFlag.HAS_THREAD
    _open(world, thread)
    data = message_json(world, message) | {"guild_id": str(parent.guild_id)}
    needs = Intent.GUILD_MESSAGES
    world.hear(
        Event(name="MESSAGE_UPDATE", data=data, needs=needs, message=message, channel=parent)
    )
    return thread


def start_alone(world: World, parent: Channel, body: Json) -> Thread:
    """Start a thread that hangs under no message; private, unless asked otherwise.

    Raises:
        RefusalError: The bot may not, or the body is bad.
    """
    if isinstance(parent, Thread):
        raise RefusalError(Code.WRONG_CHANNEL_TYPE)
    private = (body.get("type") or PRIVATE_THREAD) != PUBLIC_THREAD
    needed = Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS
    world.need(parent, world.application.bot, needed)
    _check(world, body)
    thread = _thread(world, parent, world.new_id(), body)
    thread.private = private
    _open(world, thread)
    return thread


def _check(world: World, body: Json) -> None:
    form = Form()
    most = world.rules.thread_name_chars
    form.text("name", body.get("name"), longest=most, shortest=1)
    _check_duration(form, body)
    form.check()


def _check_duration(form: Form, body: Json) -> None:
    if body.get("auto_archive_duration") is not None:
        form.one_of("auto_archive_duration", body["auto_archive_duration"], ARCHIVE_MINUTES)


def _thread(world: World, parent: Channel, thread_id: int, body: Json) -> Thread:
    now = world.clock()
    owner = world.application.bot
    return Thread(
        id=thread_id,
        guild_id=parent.guild_id,
        name=body["name"],
        parent_id=parent.id,
        owner_id=owner.id,
        created=now,
        archive_changed=now,
        auto_archive_minutes=body.get("auto_archive_duration") or 4_320,
        members={owner.id: now},
    )


def _open(world: World, thread: Thread) -> None:
    world.guilds[thread.guild_id].channels[thread.id] = thread
    world.acts.append(Act(kind="thread", channel_id=thread.parent_id, message_id=thread.id))
    data = channel_json(thread) | {"newly_created": True}
    world.hear(Event(name="THREAD_CREATE", data=data, needs=Intent.GUILDS, channel=thread))


def change(world: World, thread: Thread, body: Json, by: User) -> None:
    """Rename, archive, open again or lock a thread.

    Raises:
        RefusalError: *by* may not, it stays archived (50083), or the body is bad.
    """
    granted = world.granted(thread, by)
    world.need(thread, by, Permission.VIEW_CHANNEL)
    manages = Permission.MANAGE_THREADS in granted
    wakes = body.get("archived") is False
    if thread.archived and not wakes:
        raise RefusalError(Code.THREAD_ARCHIVED)
    asks = {key for key, value in body.items() if value is not None}
    only_wakes = asks == {"archived"} and wakes and not thread.locked
    owns = thread.owner_id == by.id and not thread.locked and "locked" not in asks
    if not (manages or owns or only_wakes):
        raise RefusalError(Code.MISSING_PERMISSIONS)
    _check_change(world, body)
    thread.name = body.get("name") or thread.name
    thread.locked = body["locked"] if "locked" in asks else thread.locked
    minutes = body.get("auto_archive_duration")
    thread.auto_archive_minutes = minutes or thread.auto_archive_minutes
    if "archived" in asks:
        archive(world, thread, archived=body["archived"])
    world.acts.append(Act(kind="thread edit", channel_id=thread.id))
    write_thread_changed(world, thread)


def _check_change(world: World, body: Json) -> None:
    form = Form()
    if body.get("name") is not None:
        form.text("name", body["name"], longest=world.rules.thread_name_chars, shortest=1)
    _check_duration(form, body)
    form.check()


def archive(world: World, thread: Thread, *, archived: bool) -> None:
    """Archive a thread, or open it again."""
    if thread.archived != archived:
        thread.archived = archived
        thread.archive_changed = world.clock()


def reopen_to_speak(world: World, thread: Thread, author: User) -> None:
    """Open an archived thread because someone speaks in it, as Discord does by itself.

    Raises:
        RefusalError: It was locked, and *author* may not manage threads.
    """
    if thread.archived:
        if thread.locked and Permission.MANAGE_THREADS not in world.granted(thread, author):
            raise RefusalError(Code.THREAD_LOCKED)
        archive(world, thread, archived=False)
        write_thread_changed(world, thread)


def write_thread_changed(world: World, thread: Thread) -> None:
    """Tell the gateway how the thread is now."""
    data = channel_json(thread)
    world.hear(Event(name="THREAD_UPDATE", data=data, needs=Intent.GUILDS, channel=thread))


def remove(world: World, channel: Channel) -> None:
    """Delete a channel, or a thread; the threads under a channel go with it."""
    guild = world.guilds[channel.guild_id]
    del guild.channels[channel.id]
    if isinstance(channel, Thread):
        data = {"id": str(channel.id), "guild_id": str(channel.guild_id)}
        data |= {"parent_id": str(channel.parent_id)}
        parent = guild.channels[channel.parent_id]
        world.hear(
            Event(
                name="THREAD_DELETE",
                data=data | {"type": PUBLIC_THREAD},
                needs=Intent.GUILDS,
                channel=parent,
            )
        )
        return
    under = [
        each.id
        for each in guild.channels.values()
        if isinstance(each, Thread) and each.parent_id == channel.id
    ]
    for thread_id in under:
        del guild.channels[thread_id]
    data = channel_json(channel)
    world.hear(Event(name="CHANNEL_DELETE", data=data, needs=Intent.GUILDS))
