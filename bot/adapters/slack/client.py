"""One client for all calls: nothing is repeated below our own record."""

import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from aiohttp import ClientSession, ClientTimeout
from slack_sdk.web.async_client import AsyncWebClient

REQUEST_TIMEOUT: Final = timedelta(seconds=15)


@asynccontextmanager
async def slack_client(
    *, token: str, api_url: str, give_up_after: timedelta = REQUEST_TIMEOUT
) -> AsyncIterator[AsyncWebClient]:
    """Open a client that keeps its connections until the end of the block."""
    limit = ClientTimeout(total=give_up_after.total_seconds())
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
