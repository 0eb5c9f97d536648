"""Slack by HTTP, for those who would rather be called than hold a connection."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.hearing import Hearing
from bot.ports.chat import Receive
from bot.ports.clock import Clock
from bot.ports.commands import CommandSpec

if TYPE_CHECKING:
    from slack_bolt.app.async_app import AsyncApp


class HttpGateway:
    """Mount `serve` at /slack/events, for POST; it answers 503 until `listen` runs."""

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        signing_secret: str,
        commands: Sequence[CommandSpec],
        clock: Clock,
    ) -> None:
        if not signing_secret:
            msg = "Slack by HTTP needs SLACK_SIGNING_SECRET: it tells Slack from strangers."
            raise ValueError(msg)
        self._client = client
        self._signing_secret = signing_secret
        self._verifier = SignatureVerifier(signing_secret)
        self._commands = commands
        self._clock = clock
        self._app: AsyncApp | None = None

    @property
    def connected(self) -> bool:
        """Whether presses are heard now."""
        return self._app is not None

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Take one request.

        The signature is checked before bolt sees it: bolt parses first, and would fall over
        what strangers send.
        """
        if self._app is None:
            return web.Response(status=503)
        if not self._is_signed(await request.read(), request.headers):
            return web.Response(status=401)
        response = await self._app.async_dispatch(await to_bolt_request(request))
        return await to_aiohttp_response(response)

    async def listen(self, receive: Receive) -> None:
        hearing = Hearing(self._client, receive=receive, commands=self._commands, clock=self._clock)
        self._app = hearing.app(self._signing_secret)
        try:
            await asyncio.Event().wait()
        finally:
            self._app = None

    def _is_signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        timestamp = headers.get("X-Slack-Request-Timestamp", "")
        signature = headers.get("X-Slack-Signature", "")
        # The library raises at either of these instead of refusing.
        if not timestamp.isdecimal() or not signature.isascii():
            return False
        return self._verifier.is_valid(body, timestamp, signature)
