"""Who am I: the bot's user and its application."""

from typing import Final

from bot.standins.discord.calls import Call, Reply, Route
from bot.standins.discord.refusal import Code, RefusalError
from bot.standins.discord.wire import application_json, own_user_json, user_json


def own_user(call: Call) -> Reply:
    return Reply(200, own_user_json(call.world.application.bot))


def user(call: Call) -> Reply:
    found = call.world.users.get(call.id("user"))
    if found is None:
        raise RefusalError(Code.UNKNOWN_USER)
    return Reply(200, user_json(found))


def application(call: Call) -> Reply:
    world = call.world
    return Reply(200, application_json(world.application, guilds=len(world.guilds)))


def gateway(call: Call) -> Reply:
    return Reply(200, {"url": call.world.base_url.replace("http", "ws", 1) + "/gateway"})


def gateway_for_bots(call: Call) -> Reply:
    starts = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
    return Reply(200, gateway(call).json | {"shards": 1, "session_start_limit": starts})


ROUTES: Final = (
    Route(method="GET", path="/users/@me", handler=own_user),
    Route(method="GET", path="/users/{user}", handler=user),
    Route(method="GET", path="/oauth2/applications/@me", handler=application),
    Route(method="GET", path="/applications/@me", handler=application),
    Route(method="GET", path="/gateway", handler=gateway, with_bot_token=False),
    Route(method="GET", path="/gateway/bot", handler=gateway_for_bots),
)
