"""Guilds, their members, roles and channels."""

from typing import Final

from bot.standins.discord import threads
from bot.standins.discord.calls import Call, Reply, Route
from bot.standins.discord.model import Thread
from bot.standins.discord.permissions import Permission
from bot.standins.discord.wire import (
    channel_json,
    guild_json,
    member_json,
    role_json,
    thread_member_json,
)


def guild(call: Call) -> Reply:
    found = call.world.guild(call.id("guild"))
    shown = guild_json(found)
    if call.query.get("with_counts", "").lower() in {"1", "true"}:
        shown["approximate_member_count"] = len(found.members)
        shown["approximate_presence_count"] = len(found.members)
    return Reply(200, shown)


def member(call: Call) -> Reply:
    return Reply(200, member_json(call.world.member(call.id("guild"), call.id("user"))))


def roles(call: Call) -> Reply:
    found = call.world.guild(call.id("guild"))
    return Reply(200, [role_json(role) for role in found.roles.values()])


def channels(call: Call) -> Reply:
    world = call.world
    shown = [
        channel_json(each)
        for each in world.guild(call.id("guild")).channels.values()
        if not isinstance(each, Thread)
    ]
    return Reply(200, shown)


def active_threads(call: Call) -> Reply:
    world = call.world
    bot = world.application.bot
    found = [
        each
        for each in world.guild(call.id("guild")).channels.values()
        if isinstance(each, Thread) and not each.archived
        if Permission.VIEW_CHANNEL in world.granted(each, bot)
    ]
    members = [thread_member_json(each, bot.id) for each in found if bot.id in each.members]
    threads_shown = [channel_json(each) for each in found]
    return Reply(200, {"threads": threads_shown, "members": members, "has_more": False})


def channel(call: Call) -> Reply:
    world = call.world
    found = world.channel(call.id("channel"))
    world.need(found, world.application.bot, Permission.VIEW_CHANNEL)
    return Reply(200, channel_json(found))


def delete_channel(call: Call) -> Reply:
    world = call.world
    found = world.channel(call.id("channel"))
    inside = isinstance(found, Thread)
    needed = Permission.MANAGE_THREADS if inside else Permission.MANAGE_CHANNELS
    world.need(found, world.application.bot, needed)
    threads.remove(world, found)
    return Reply(200, channel_json(found))


ROUTES: Final = (
    Route(method="GET", path="/guilds/{guild}", handler=guild),
    Route(method="GET", path="/guilds/{guild}/members/{user}", handler=member),
    Route(method="GET", path="/guilds/{guild}/roles", handler=roles),
    Route(method="GET", path="/guilds/{guild}/channels", handler=channels),
    Route(method="GET", path="/guilds/{guild}/threads/active", handler=active_threads),
    Route(method="GET", path="/channels/{channel}", handler=channel),
    Route(method="DELETE", path="/channels/{channel}", handler=delete_channel),
)
