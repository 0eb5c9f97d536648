"""Is everything that the bot needs of Slack there? One plain sentence each."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from aiohttp import WSMsgType
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.failures import telling
from bot.adapters.slack.scopes import WHAT_FOR, needed
from bot.domain.errors import PermanentError, SmokejumperError, TransientError
from bot.ports.finding import Finding

HELLO_WITHIN: Final = timedelta(seconds=10)


async def check(
    client: AsyncWebClient, *, app_token: str, channels: Sequence[str]
) -> list[Finding]:
    """Ask Slack about the tokens, each scope and each channel.

    Args:
        app_token: Empty where Slack calls us by HTTP.
    """
    try:
        found = await _token(client)
    except SmokejumperError as error:
        return [_bad(str(error))]
    if app_token:
        found.append(await _socket(client, app_token))
    return [*found, *[await _channel(client, channel) for channel in channels]]


async def _token(client: AsyncWebClient) -> list[Finding]:
    with telling("take SLACK_BOT_TOKEN"):
        response = await client.auth_test()
    granted = set(str(response.headers.get("x-oauth-scopes", "")).replace(" ", "").split(","))
    bot = _good(f"Slack knows the bot as {response['user']} in {response['team']}.")
    missing = [
        _bad(
            f"The Slack app lacks the scope {scope}, needed to {WHAT_FOR[scope]}. Add it under "
            "OAuth & Permissions and install the app again."
        )
        for scope in sorted(needed() - granted)
    ]
    return [bot, *(missing or [_good(f"The Slack app has all {len(needed())} scopes.")])]


async def _socket(client: AsyncWebClient, app_token: str) -> Finding:
    try:
        with telling("open a socket with SLACK_APP_TOKEN"):
            opened = await client.apps_connections_open(app_token=app_token)
            await _greeted(client, opened["url"])
    except SmokejumperError as error:
        return _bad(str(error))
    return _good("Slack opened a socket for the app token.")


async def _greeted(client: AsyncWebClient, url: str) -> None:
    """Connect and wait for Slack's hello; what else it sends meanwhile goes elsewhere again."""
    if client.session is None:
        msg = "The Slack client has no session."
        raise PermanentError(msg)
    async with (
        asyncio.timeout(HELLO_WITHIN.total_seconds()),
        client.session.ws_connect(url, proxy=client.proxy) as socket,
    ):
        message = await socket.receive()
        if message.type is not WSMsgType.TEXT:
            answer = f"Slack closed the socket at once ({message.type.name})."
            raise TransientError(answer)


async def _channel(client: AsyncWebClient, channel: str) -> Finding:
    try:
        with telling(f"show the channel {channel}"):
            response = await client.conversations_info(channel=channel)
    except SmokejumperError as error:
        return _bad(str(error))
    known = response["channel"]
    name = f"#{known.get('name', channel)} ({channel})"
    if known.get("is_archived"):
        return _bad(f"{name} is archived. Unarchive it, or name another channel in settings.toml.")
    if not known.get("is_member"):
        return _bad(f"The bot is not in {name}. Invite it there with /invite @smokejumper.")
    return _good(f"The bot is in {name}.")


def _good(text: str) -> Finding:
    return Finding(ok=True, text=text)


def _bad(text: str) -> Finding:
    return Finding(ok=False, text=text)
