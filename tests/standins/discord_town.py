"""A stand-in with people in it and a real discord.py client connected, for the Discord tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import discord
import discord.gateway
import discord.http
import pytest
import yarl
from discord import TextChannel, app_commands

from bot.standins.discord import Channel, DiscordServer, Intent, Rules, User
from tests.vendor_specs.discord import FOLDER, DiscordSpec


class Client(discord.Client):
    """A client with a command tree, which notes what it hears."""

    def __init__(self, *, intents: discord.Intents | None = None) -> None:
        super().__init__(
            intents=intents or discord.Intents.default(),
            guild_ready_timeout=0.05,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.tree = app_commands.CommandTree(self)
        self.heard: list[str] = []
        self.heard_more = asyncio.Event()
        self.resumes = 0
        self.views: list[discord.ui.View] = []

    async def setup_hook(self) -> None:
        for view in self.views:
            self.add_view(view)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do not wait five seconds before a second IDENTIFY."""

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message.content)
        self.heard_more.set()

    async def hears(self, ending: str) -> None:
        """Wait for a message that ends so."""
        async with asyncio.timeout(10):
            while not any(text.endswith(ending) for text in self.heard):
                self.heard_more.clear()
                await self.heard_more.wait()

    async def on_resumed(self) -> None:
        self.resumes += 1


@dataclass(slots=True)
class Town:
    """One server, one channel, two people, and a client that may be connected."""

    discord: DiscordServer
    client: Client
    builds: Channel
    alice: User
    bo: User

    @property
    def channel(self) -> TextChannel:
        """Return #builds as the client knows it."""
        channel = self.client.get_channel(self.builds.id)
        assert isinstance(channel, TextChannel)
        return channel


@asynccontextmanager
async def quiet_town(
    rules: Rules | None = None, *, privileged: Intent | None = None, clock: "Clock | None" = None
) -> AsyncIterator[Town]:
    """Open a town whose client is not connected; every exchange must fit the specification."""
    spec = DiscordSpec()
    async with DiscordServer(
        rules=rules or Rules(), privileged=privileged or Intent(0), clock=clock or Clock()
    ) as server:
        if FOLDER is not None:
            server.observe(spec.look)
        estate, guild = server.estate, server.guild
        builds = estate.add_channel(guild, "builds")
        alice, bo = estate.add_member(guild, "alice"), estate.add_member(guild, "bo")
        with pointed_at(server):
            yield Town(server, Client(), builds, alice, bo)
    if spec.problems:
        pytest.fail("\n".join(spec.problems))


@asynccontextmanager
async def town(
    rules: Rules | None = None,
    *,
    client: Client | None = None,
    privileged: Intent | None = None,
    clock: "Clock | None" = None,
) -> AsyncIterator[Town]:
    """Open a town with the client connected and ready."""
    async with quiet_town(rules, privileged=privileged, clock=clock) as quiet:
        quiet.client = client or quiet.client
        async with online(quiet):
            yield quiet


@asynccontextmanager
async def online(quiet: Town) -> AsyncIterator[None]:
    """Connect the client, wait until it is ready, and close it afterwards."""
    running = asyncio.create_task(quiet.client.start(quiet.discord.token))
    try:
        await quiet.discord.online()
        await quiet.client.wait_until_ready()
        yield
    finally:
        await quiet.client.close()
        await running


class Clock:
    """Stands still until it is moved, from a fixed second on."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


class pointed_at:  # noqa: N801 - reads as a word: with pointed_at(server)
    """Point discord.py at the stand-in; its class attributes are the only switch."""

    def __init__(self, server: DiscordServer) -> None:
        self._server = server
        self._before = (discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY)

    def __enter__(self) -> None:
        discord.http.Route.BASE = self._server.api_url
        gateway = yarl.URL(self._server.gateway_url)
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway

    def __exit__(self, *_: object) -> None:
        base, gateway = self._before
        discord.http.Route.BASE = base
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway
