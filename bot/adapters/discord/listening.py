"""Stay connected: discord.py gives up where it should not, so it is started again."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import aiohttp
import discord
import structlog

from bot.adapters.discord.gateway import Gateway
from bot.adapters.discord.refusals import LOGIN_REFUSED
from bot.domain.errors import PermanentError

log = structlog.get_logger()

FIRST_WAIT: Final = timedelta(seconds=1)
LONGEST_WAIT: Final = timedelta(minutes=2)  # Discord takes a token away after 1,000 starts a day
STEADY: Final = timedelta(minutes=10)

BAD_LOGIN_CODE: Final = 4004
INTENT_CODES: Final = (4013, 4014)
INTENTS: Final = (
    "Discord refuses the bot's intents. It asks for Guilds alone, which every bot may have; "
    "look at the bot's page in the developer portal."
)

# A failed first connect is an AttributeError in discord.py, and an event that its parsers do not
# expect raises what a lookup or a conversion raises; each ends `start`.
BREAKS: Final = (
    discord.DiscordException,
    aiohttp.ClientError,
    OSError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)


async def stay_connected(token: str, new: Callable[[], Gateway]) -> None:
    """Connect, and connect again when it breaks, until cancelled.

    Raises:
        PermanentError: Discord refuses the token or the intents.
    """
    wait = FIRST_WAIT
    time = asyncio.get_running_loop().time
    while True:
        began = time()
        try:
            async with new() as gateway:
                await gateway.start(token)
        except BREAKS as error:
            if words := _hopeless(error):
                raise PermanentError(words) from error
            log.warning("discord_gateway_lost", error=repr(error))
        lasted = time() - began
        wait = FIRST_WAIT if lasted > STEADY.total_seconds() else wait
        await asyncio.sleep(wait.total_seconds())
        wait = min(wait * 2, LONGEST_WAIT)


def _hopeless(error: Exception) -> str:
    if isinstance(error, discord.LoginFailure):
        return LOGIN_REFUSED
    if isinstance(error, discord.PrivilegedIntentsRequired):
        return INTENTS
    if isinstance(error, discord.ConnectionClosed) and error.code == BAD_LOGIN_CODE:
        return LOGIN_REFUSED
    if isinstance(error, discord.ConnectionClosed) and error.code in INTENT_CODES:
        return INTENTS
    return ""
