"""Tells somebody else that we live; they call the operator when we no longer do."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import aiohttp
import structlog

log = structlog.get_logger()

EVERY: Final = timedelta(minutes=1)
TIMEOUT: Final = aiohttp.ClientTimeout(total=15)


async def heartbeat(
    url: str, well: Callable[[], Awaitable[bool]], *, every: timedelta = EVERY
) -> None:
    """Ask for *url* again and again while *well*; that it fails is said once, and harms nobody."""
    failed = False
    async with aiohttp.ClientSession(timeout=TIMEOUT, trust_env=True) as session:
        while True:
            if await well():
                why = await _asked(session, url)
                if why and not failed:
                    log.warning("heartbeat_fails", why=why)  # the address may hold a secret
                failed = bool(why)
            await asyncio.sleep(every.total_seconds())


async def _asked(session: aiohttp.ClientSession, url: str) -> str:
    """Return why it failed; empty where it did not."""
    try:
        async with session.get(url) as answer:
            return "" if answer.ok else f"it answers {answer.status}"
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return type(error).__name__
