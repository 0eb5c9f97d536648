"""One client for all calls: nothing is repeated below our own record."""

import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from aiohttp import ClientSession, ClientTimeout
from slack_sdk.web.async_client import AsyncWebClient

from bot.ports.clock import PATIENCE

SHARE: Final = 0.8  # of the time after which somebody looks whether the request has acted


@asynccontextmanager
async def slack_client(
    *, token: str, api_url: str, patience: timedelta = PATIENCE
) -> AsyncIterator[AsyncWebClient]:
    """Open a client that keeps its connections until the end of the block.

    Args:
        patience: After it, an unanswered request must have acted or never will.
    """
    limit = ClientTimeout(total=SHARE * patience.total_seconds())
    async with ClientSession(timeout=limit) as session:
        # By default slack_sdk sends a call again after a cut connection; a message that was
        # posted just before the cut would stand there twice.
        client = AsyncWebClient(token=token, base_url=api_url, session=session, retry_handlers=[])
        if _is_here(api_url):
            client.proxy = None
        yield client


def _is_here(url: str) -> bool:
    """Whether *url* is on this machine, which no proxy reaches."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
