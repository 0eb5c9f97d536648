"""What one person alone reads: beside the card, or as a file in their direct messages."""

from dataclasses import replace
from http import HTTPStatus
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.adapters.slack.failures import telling
from bot.adapters.slack.render import Rendered, render_answer
from bot.domain.errors import TransientError
from bot.domain.press import Press
from bot.messages.text import join
from bot.messages.views import Answer, File
from bot.ports.clock import Clock

SENT_APART: Final = "I sent you the file as a direct message."


class Answers:
    def __init__(self, client: AsyncWebClient, *, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def give(self, press: Press, answer: Answer) -> None:
        """Tell the presser alone; an old press has lost its own way back, so there are two."""
        if answer.file:
            await self._send_file(press.by.id, answer.file)
            answer = replace(answer, text=join([answer.text, (SENT_APART,)]), file=None)
        shown = render_answer(answer, now=self._clock.now())
        if not await self._respond(press.token, shown):
            await self._whisper(press, shown)

    async def _respond(self, response_url: str, shown: Rendered) -> bool:
        """Answer by the address that came with the press; False once it is used up."""
        if not response_url:
            return False
        webhook = AsyncWebhookClient(
            response_url, session=self._client.session, proxy=self._client.proxy, retry_handlers=[]
        )
        with telling("answer a press"):
            response = await webhook.send(
                text=shown.text,
                blocks=shown.blocks,
                response_type="ephemeral",
                replace_original=False,  # what was pressed is a card that all see
            )
        status = response.status_code
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            msg = f"Slack did not take the answer to a press (status {status})."
            raise TransientError(msg)
        return status == HTTPStatus.OK

    async def _whisper(self, press: Press, shown: Rendered) -> None:
        with telling(f"answer {press.by.id} in {press.place.channel}"):
            await self._client.chat_postEphemeral(
                channel=press.place.channel,
                user=press.by.id,
                text=shown.text,
                blocks=shown.blocks,
            )

    async def _send_file(self, user: str, file: File) -> None:
        with telling(f"send a file to {user}"):
            direct = await self._client.conversations_open(users=user)
            await self._client.files_upload_v2(
                channel=direct["channel"]["id"],
                filename=file.name,
                title=file.name,
                content=file.body,
            )
