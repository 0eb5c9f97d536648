"""Threads."""

from typing import Final

from bot.standins.discord import threads
from bot.standins.discord.calls import Call, Reply, Route
from bot.standins.discord.model import Thread
from bot.standins.discord.permissions import Permission
from bot.standins.discord.refusal import Code, RefusalError
from bot.standins.discord.wire import channel_json, thread_member_json


def _shown(call: Call, thread: Thread) -> dict[str, object]:
    member = thread_member_json(thread, call.world.application.bot.id)
    return channel_json(thread) | {"member": member}


def start_under(call: Call) -> Reply:
    message = call.world.message(call.id("channel"), call.id("message"))
    return Reply(201, _shown(call, threads.start_under(call.world, message, call.body)))


def start_alone(call: Call) -> Reply:
    parent = call.world.channel(call.id("channel"))
    return Reply(201, _shown(call, threads.start_alone(call.world, parent, call.body)))


def change(call: Call) -> Reply:
    world = call.world
    channel = world.channel(call.id("channel"))
    if not isinstance(channel, Thread):
        raise RefusalError(Code.NOT_MODELLED)
    threads.change(world, channel, call.body, world.application.bot)
    return Reply(200, channel_json(channel))


def add_member(call: Call) -> Reply:
    world = call.world
    thread = world.thread(call.id("channel"))
    bot = world.application.bot
    user_id = bot.id if call.path["user"] == "@me" else call.id("user")
    world.need(thread, bot, Permission.VIEW_CHANNEL)
    if thread.archived:
        raise RefusalError(Code.THREAD_ARCHIVED)
    world.member(thread.guild_id, user_id)
    thread.members.setdefault(user_id, world.clock())
    return Reply(204)


ROUTES: Final = (
    Route(
        method="POST",
        path="/channels/{channel}/messages/{message}/threads",
        handler=start_under,
    ),
    Route(method="POST", path="/channels/{channel}/threads", handler=start_alone),
    Route(method="PATCH", path="/channels/{channel}", handler=change),
    Route(method="PUT", path="/channels/{channel}/thread-members/{user}", handler=add_member),
)
