"""What is done at the start and then every half minute, whether or not anybody delivers."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog

from bot.domain.errors import TransientError

log = structlog.get_logger()

ALIVE_EVERY: Final = timedelta(seconds=30)
AGAIN: Final = timedelta(seconds=3)

Step = Callable[[], Awaitable[None]]


async def rounds(
    *start: Step, alive: Step, every: timedelta = ALIVE_EVERY, again: timedelta = AGAIN
) -> None:
    """Do each of *start* once, however long the database is away, then *alive* for ever."""
    for step in start:
        await _done(step, again)
    while True:
        await _done(alive, again)
        await asyncio.sleep(every.total_seconds())


async def _done(step: Step, again: timedelta) -> None:
    while True:
        try:
            return await step()
        except TransientError as error:
            log.warning("round_waits", why=str(error))
        await asyncio.sleep(again.total_seconds())
