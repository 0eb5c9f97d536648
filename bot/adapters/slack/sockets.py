"""Socket Mode: Slack's events over a connection that we opened, so nothing needs to reach us."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.failures import telling
from bot.adapters.slack.hearing import Hearing
from bot.domain.errors import OperatorError, TransientError
from bot.ports.chat import Receive
from bot.ports.clock import Clock
from bot.ports.commands import CommandSpec

Handle = Callable[[SocketModeClient, SocketModeRequest], Awaitable[None]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketTimes:
    connect_within: timedelta = timedelta(seconds=20)
    look_every: timedelta = timedelta(seconds=5)
    lost_after: timedelta = timedelta(seconds=60)
    """How long the library may try to reconnect by itself before we look why it can't."""
    first_wait: timedelta = timedelta(seconds=1)
    longest_wait: timedelta = timedelta(minutes=1)
    drain_within: timedelta = timedelta(seconds=3)
    ping_every: timedelta = timedelta(seconds=5)


DEFAULT_TIMES: Final = SocketTimes()


class SocketGateway:
    def __init__(
        self,
        client: AsyncWebClient,
        *,
        app_token: str,
        commands: Sequence[CommandSpec],
        clock: Clock,
        times: SocketTimes = DEFAULT_TIMES,
    ) -> None:
        self._client = client
        self._app_token = app_token
        self._commands = commands
        self._clock = clock
        self._times = times
        self.connected = False

    async def listen(self, receive: Receive) -> None:
        """Keep a connection until cancelled.

        Raises:
            OperatorError: Slack refuses the app token, so that only the operator can help.
        """
        hearing = Hearing(self._client, receive=receive, commands=self._commands, clock=self._clock)
        app, wait = hearing.app(), self._times.first_wait
        while True:
            try:
                async with self._connection(app) as socket:
                    wait = self._times.first_wait
                    await self._watch(socket)
            except OperatorError:
                raise
            except TransientError as error:
                pause = max(wait, error.after or wait)
                log.warning("slack_socket_lost", why=str(error), again_after=str(pause))
                await asyncio.sleep(pause.total_seconds())
                wait = min(wait * 2, self._times.longest_wait)

    @asynccontextmanager
    async def _connection(self, app: AsyncApp) -> AsyncIterator[SocketModeClient]:
        """Open a connection; at the end let what was taken be answered before it closes."""
        handler = AsyncSocketModeHandler(
            app,
            self._app_token,
            web_client=self._client,
            ping_interval=self._times.ping_every.total_seconds(),
        )
        socket = handler.client
        socket.proxy = self._client.proxy
        hand = InHand(handler.handle)
        socket.socket_mode_request_listeners = [hand.take]  # type: ignore[list-item] # ours takes this one client alone
        try:
            with telling("open a socket"):
                async with asyncio.timeout(self._times.connect_within.total_seconds()):
                    # The handler's own `connect` tries for ever where the token is refused.
                    await socket.connect_to_new_endpoint(force=True)
            self.connected = True
            yield socket
        finally:
            self.connected = False
            await hand.emptied(self._times.drain_within)
            await socket.close()  # type: ignore[no-untyped-call] # slack_sdk leaves it unannotated

    async def _watch(self, socket: SocketModeClient) -> None:
        """Watch the library reconnect by itself, until it has not managed to for too long."""
        loop = asyncio.get_running_loop()
        seen = loop.time()
        while loop.time() - seen < self._times.lost_after.total_seconds():
            await asyncio.sleep(self._times.look_every.total_seconds())
            self.connected = await socket.is_connected()
            if self.connected:
                seen = loop.time()
        msg = f"no connection to Slack for {self._times.lost_after}"
        raise TransientError(msg)


class InHand:
    """The presses that were taken and not yet acknowledged."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._count = 0
        self._empty = asyncio.Event()
        self._empty.set()

    async def take(self, client: SocketModeClient, request: SocketModeRequest) -> None:
        self._count += 1
        self._empty.clear()
        try:
            await self._handle(client, request)
        finally:
            self._count -= 1
            if not self._count:
                self._empty.set()

    async def emptied(self, within: timedelta) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(within.total_seconds()):
                await self._empty.wait()
