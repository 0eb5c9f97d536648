"""Messages and reactions."""

from typing import Final

from bot.standins.discord import messages
from bot.standins.discord.calls import Call, Reply, Route
from bot.standins.discord.form import refuse
from bot.standins.discord.message_wire import message_json
from bot.standins.discord.model import Message
from bot.standins.discord.permissions import Permission


def _named(call: Call) -> Message:
    world = call.world
    channel = world.channel(call.id("channel"))
    needed = Permission.READ_MESSAGE_HISTORY
    world.need(channel, world.application.bot, needed)
    return world.message(channel.id, call.id("message"))


def post(call: Call) -> Reply:
    world = call.world
    channel = world.channel(call.id("channel"))
    message = messages.post(world, channel, world.application.bot, call.draft)
    return Reply(200, message_json(world, message))


def one(call: Call) -> Reply:
    return Reply(200, message_json(call.world, _named(call)))


def page(call: Call) -> Reply:
    world = call.world
    most = world.rules.history_page
    limit = call.query.get("limit", "50")
    if not limit.isdigit() or not 1 <= int(limit) <= most:
        code, message = "NUMBER_TYPE_RANGE", f"int value should be between 1 and {most}."
        raise refuse(place="limit", code=code, message=message)
    found = messages.read(
        world,
        world.channel(call.id("channel")),
        limit=int(limit),
        before=call.optional_id("before"),
        after=call.optional_id("after"),
    )
    return Reply(200, [message_json(world, message) for message in found])


def edit(call: Call) -> Reply:
    world = call.world
    channel = world.channel(call.id("channel"))
    world.need(channel, world.application.bot, Permission.VIEW_CHANNEL)
    message = world.message(channel.id, call.id("message"))
    messages.edit(world, message, call.draft)
    return Reply(200, message_json(world, message))


def delete(call: Call) -> Reply:
    world = call.world
    channel = world.channel(call.id("channel"))
    message = world.message(channel.id, call.id("message"))
    messages.delete(world, channel, message, world.application.bot)
    return Reply(204)


def react(call: Call) -> Reply:
    world = call.world
    bot = world.application.bot
    message = _named(call)
    world.need(world.channel(message.channel_id), bot, Permission.ADD_REACTIONS)
    messages.react(world, message, bot, call.path["emoji"], add=True)
    return Reply(204)


def unreact(call: Call) -> Reply:
    messages.react(
        call.world, _named(call), call.world.application.bot, call.path["emoji"], add=False
    )
    return Reply(204)


def typing(call: Call) -> Reply:
    world = call.world
    channel = world.channel(call.id("channel"))
    world.need(channel, world.application.bot, Permission.SEND_MESSAGES)
    return Reply(204)


ALL: Final = "/channels/{channel}/messages"
ONE: Final = "/channels/{channel}/messages/{message}"
REACTION: Final = ONE + "/reactions/{emoji}/@me"

ROUTES: Final = (
    Route(method="POST", path=ALL, handler=post),
    Route(method="GET", path=ALL, handler=page),
    Route(method="GET", path=ONE, handler=one),
    Route(method="PATCH", path=ONE, handler=edit),
    Route(method="DELETE", path=ONE, handler=delete),
    Route(method="PUT", path=REACTION, handler=react),
    Route(method="DELETE", path=REACTION, handler=unreact),
    Route(method="POST", path="/channels/{channel}/typing", handler=typing),
)
