"""Bolt set up to hear presses and commands: stored first, acknowledged second."""

import re
from collections.abc import Sequence
from typing import Final

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.adapters.slack.controls import PREFIX
from bot.adapters.slack.elements import Json
from bot.adapters.slack.failures import telling
from bot.adapters.slack.interactions import press_of_action, press_of_command
from bot.ports.chat import Receive
from bot.ports.clock import Clock
from bot.ports.commands import CommandSpec

COMMAND: Final = "/build"
SORRY: Final = "I could not note that down; please press again."
SORRY_COMMAND: Final = "I could not note that down; please type it again."
OURS: Final = re.compile(rf"^{PREFIX}:")

log = structlog.get_logger(__name__)


async def _whoever_installed(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """Let everything in: the socket's token or the request's signature already proved it."""
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


class Hearing:
    """What both gateways do with what they are told."""

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        receive: Receive,
        commands: Sequence[CommandSpec],
        clock: Clock,
    ) -> None:
        self._client = client
        self._receive = receive
        self._commands = commands
        self._clock = clock

    def app(self, signing_secret: str = "") -> AsyncApp:
        """Return the bolt application; without a secret it takes socket messages alone."""
        app = AsyncApp(
            # The library's own acknowledgement would run beside a listener left to itself.
            process_before_response=True,
            # An own `authorize` keeps SLACK_CLIENT_ID and SLACK_CLIENT_SECRET, should they be
            # in the environment, from replacing our token; it also asks Slack for nothing.
            authorize=_whoever_installed,
            client=AsyncWebClient(base_url=self._client.base_url, session=self._client.session),
            signing_secret=signing_secret,
        )
        app.action(OURS)(self._pressed)
        app.command(COMMAND)(self._typed)
        app.error(self._failed)
        return app

    async def _pressed(self, body: Json, ack: AsyncAck) -> None:
        press = press_of_action(body, at=self._clock.now())
        if press:
            await self._receive(press)
        await ack()

    async def _typed(self, body: Json, ack: AsyncAck) -> None:
        await self._receive(press_of_command(body, commands=self._commands, at=self._clock.now()))
        await ack()

    async def _failed(self, error: Exception, body: Json) -> BoltResponse:
        """Tell the person rather than leave them waiting; nothing else will."""
        log.error("press_not_stored", trigger=body.get("trigger_id"), exc_info=error)
        if "command" in body:
            return BoltResponse(status=200, body={"text": SORRY_COMMAND})
        if address := body.get("response_url"):
            webhook = AsyncWebhookClient(
                address,
                session=self._client.session,
                proxy=self._client.proxy,
                retry_handlers=[],
            )
            with telling("answer a press"):
                await webhook.send(text=SORRY, response_type="ephemeral", replace_original=False)
        return BoltResponse(status=200, body="")
