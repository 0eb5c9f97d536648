"""Every route of the REST API that this stand-in has."""

from typing import Final

from bot.standins.discord.calls import Route
from bot.standins.discord.routes import account, commands, guilds, interactions, messages, threads

ROUTES: Final[tuple[Route, ...]] = (
    *account.ROUTES,
    *guilds.ROUTES,
    *messages.ROUTES,
    *threads.ROUTES,
    *commands.ROUTES,
    *interactions.ROUTES,
)
