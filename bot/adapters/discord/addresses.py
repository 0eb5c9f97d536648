"""Where Discord is."""

from typing import Final

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

API_URL: Final = "https://discord.com/api/v10"
GATEWAY_URL: Final = "wss://gateway.discord.gg/"


def point_at(*, api_url: str = API_URL, gateway_url: str = GATEWAY_URL) -> None:
    """Say where Discord is; discord.py has no other switch, so it holds for the process."""
    Route.BASE = api_url.rstrip("/")
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
