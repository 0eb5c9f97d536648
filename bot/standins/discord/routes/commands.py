"""Registering application commands, everywhere or in one guild."""

from typing import Final

from bot.standins.discord import commands
from bot.standins.discord.calls import Call, Reply, Route
from bot.standins.discord.refusal import Code, RefusalError


def _scope(call: Call) -> int | None:
    if call.id("application") != call.world.application.id:
        raise RefusalError(Code.UNKNOWN_APPLICATION)
    return call.world.guild(call.id("guild")).id if "guild" in call.path else None


def listed(call: Call) -> Reply:
    return Reply(200, commands.listed(call.world, _scope(call)))


def overwrite(call: Call) -> Reply:
    return Reply(200, commands.overwrite(call.world, _scope(call), call.rows))


def register(call: Call) -> Reply:
    command, new = commands.register(call.world, _scope(call), call.body)
    return Reply(201 if new else 200, command)


def unregister(call: Call) -> Reply:
    commands.unregister(call.world, _scope(call), call.id("command"))
    return Reply(204)


EVERYWHERE: Final = "/applications/{application}/commands"
IN_A_GUILD: Final = "/applications/{application}/guilds/{guild}/commands"

ROUTES: Final = tuple(
    route
    for path in (EVERYWHERE, IN_A_GUILD)
    for route in (
        Route(method="GET", path=path, handler=listed),
        Route(method="PUT", path=path, handler=overwrite),
        Route(method="POST", path=path, handler=register),
        Route(method="DELETE", path=path + "/{command}", handler=unregister),
    )
)
