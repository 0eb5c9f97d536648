"""The stand-in as a server on loopback, with its control side."""

import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from bot.standins.discord.changes import Changes
from bot.standins.discord.estate import Estate, new_guild, new_world
from bot.standins.discord.faults import Cut, Fault, Faults
from bot.standins.discord.gateway import Gateway
from bot.standins.discord.limits import RateLimits
from bot.standins.discord.model import NO_INTENTS, Channel, Guild, Intent, Message, User
from bot.standins.discord.people import People
from bot.standins.discord.plain import text_of
from bot.standins.discord.rest import PREFIX, Exchange, Rest
from bot.standins.discord.rules import Rules
from bot.standins.discord.seen import PATIENCE
from bot.standins.discord.snowflakes import Clock

HOST: Final = "127.0.0.1"
BIGGEST_BODY: Final = 256 * 1024 * 1024  # files are refused by the rules, not by the server
DEFAULT_RULES: Final = Rules()


class DiscordServer(People):
    """One Discord: `async with DiscordServer() as discord: ...`.

    It starts with one guild, the bot in it, and no channel.
    """

    def __init__(
        self,
        *,
        token: str = "discord-bot-token",  # noqa: S107 - the stand-in's own
        rules: Rules = DEFAULT_RULES,
        privileged: Intent = NO_INTENTS,
        clock: Clock = time.time,
        port: int = 0,
    ) -> None:
        changes = Changes()
        super().__init__(
            new_world(token=token, rules=rules, clock=clock, privileged=privileged), changes
        )
        self.token = token
        self.guild: Guild = new_guild(self.world, "Acme")
        self.estate = Estate(self.world, changes)
        self.gateway = Gateway(self.world, changes)
        self.limits = RateLimits(rules, clock)
        self.faults = Faults()
        self._rest = Rest(self.world, changes, self.limits, self.faults)
        self._port = port
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=BIGGEST_BODY)
        app.router.add_get("/gateway", self._gateway)
        app.router.add_get("/gateway/", self._gateway)
        self._rest.add_to(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.world.base_url = self.url
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _gateway(self, request: web.Request) -> web.StreamResponse:
        if self.faults.down:
            raise web.HTTPServiceUnavailable
        return await self.gateway.serve(request)

    @property
    def url(self) -> str:
        """Return the server's address."""
        return f"http://{HOST}:{self._port}"

    @property
    def api_url(self) -> str:
        """Return what stands for https://discord.com/api/v10."""
        return self.url + PREFIX

    @property
    def gateway_url(self) -> str:
        """Return what stands for wss://gateway.discord.gg/."""
        return self.url.replace("http", "ws", 1) + "/gateway"

    @property
    def bot(self) -> User:
        """Return the bot's user."""
        return self.world.application.bot

    def channel(self, channel_id: int) -> Channel:
        """Return a channel or thread."""
        return self.world.channel(channel_id)

    def text_of(self, message: Message) -> str:
        """Return a message as plain text."""
        return text_of(self.world.guilds[self.channel(message.channel_id).guild_id], message)

    def count(self, kind: str, **which: int | str) -> int:
        """Count acts of one kind; *which* narrows by `channel_id`, `message_id` or `nonce`."""
        return self.world.count(kind, **which)

    def observe(self, callback: Callable[[Exchange], None]) -> None:
        """Show every request and its answer to *callback*."""
        self._rest.observers.append(callback)

    @property
    def down(self) -> bool:
        """Say whether everything is refused with 503."""
        return self.faults.down

    @down.setter
    def down(self, down: bool) -> None:
        self.faults.down = down

    def fail_next(self, method: str, path: str, *, status: int = 503, times: int = 1) -> None:
        """Refuse the next *times* requests to paths like "/channels/*/messages"."""
        self.faults.add(Fault(method=method, path=path, status=status, times=times))

    def cut_next(self, method: str, path: str, *, when: Cut, times: int = 1) -> None:
        """Break the connection of the next requests before or after the act happened."""
        self.faults.add(Fault(method=method, path=path, cut=when, times=times))

    def delay_next(self, method: str, path: str, *, by: timedelta, times: int = 1) -> None:
        """Let the next requests wait."""
        self.faults.add(Fault(method=method, path=path, wait=by, times=times))

    async def until(self, happened: Callable[[], object], within: timedelta = PATIENCE) -> None:
        """Wait until *happened* says so.

        Raises:
            TimeoutError: It did not.
        """
        await self.changes.until(happened, within=within)

    async def online(self, within: timedelta = PATIENCE) -> None:
        """Wait until the bot's gateway connection has a session.

        Raises:
            TimeoutError: It has none.
        """
        await self.until(
            lambda: any(each.session for each in self.gateway.connections), within=within
        )
