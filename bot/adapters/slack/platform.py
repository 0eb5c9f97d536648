"""Slack as a chat platform: post, edit, find again, answer."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.adapters.slack.answers import Answers
from bot.adapters.slack.elements import Json
from bot.adapters.slack.failures import telling
from bot.adapters.slack.identity import Identity
from bot.adapters.slack.pace import Pace
from bot.adapters.slack.people import People
from bot.adapters.slack.render import Rendered, render
from bot.domain.errors import OperatorError, TransientError
from bot.domain.person import Member, Person
from bot.domain.press import Press
from bot.domain.subscription import Place
from bot.messages.views import Answer, View
from bot.ports.chat import ChatPlatform, MessageRef, Receive
from bot.ports.clock import Clock

log = structlog.get_logger(__name__)

EVENT_TYPE: Final = "smokejumper"
PAGE: Final = 200
PAGES: Final = 20  # what our pace allows at once, also after a start
BEFORE: Final = timedelta(minutes=1)  # clocks differ


class Gateway(Protocol):
    """How presses reach us: by a socket or by HTTP."""

    @property
    def connected(self) -> bool: ...

    async def listen(self, receive: Receive) -> None: ...


class SlackPlatform:
    """One workspace; its calls share one client and so one count of what Slack allows."""

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        gateway: Gateway,
        clock: Clock,
        pace: Pace | None = None,
    ) -> None:
        self._client = client
        self._gateway = gateway
        self._clock = clock
        self._pace = pace or Pace()
        self._identity = Identity(client)
        self._people = People(client, identity=self._identity, clock=clock)
        self._answers = Answers(client, clock=clock)

    @property
    def connected(self) -> bool:
        """Whether presses and commands are heard now."""
        return self._gateway.connected

    async def post(self, place: Place, view: View, *, key: str, thread: str = "") -> MessageRef:
        """Show *view* as a new message, marked so that `find` knows it by *key*."""
        shown = render(view, now=self._clock.now())
        async with self._pace.post(place.channel, key, urgent=not thread):
            response = await self._post(place.channel, shown, key=key, thread=thread)
        return MessageRef(place=place, message=response["ts"], thread=thread)

    async def edit(self, ref: MessageRef, view: View, *, urgent: bool) -> None:
        """Show *view* instead; what is not sent again, blocks or text, would be gone."""
        shown = render(view, now=self._clock.now())
        await self._pace.edit(f"{ref.place.channel} {ref.message}", urgent=urgent)
        with self._calling("chat.update", f"edit a message in {ref.place.channel}"):
            await self._client.chat_update(
                channel=ref.place.channel,
                ts=ref.message,
                text=shown.text,
                blocks=shown.blocks,
                parse="none",  # an edit would otherwise make links of a stranger's words
            )

    async def find(
        self, place: Place, *, key: str, since: datetime, thread: str = ""
    ) -> MessageRef | None:
        """Look for our message with *key* by the metadata that only its own app can set."""
        us = await self._identity.bot_user()
        async for page in self._pages(place.channel, thread, since):
            for message in page:
                if message["ts"] != thread and message.get("user") == us and _key(message) == key:
                    return MessageRef(place=place, message=message["ts"], thread=thread)
        return None

    async def open_thread(self, ref: MessageRef, title: str) -> str:  # noqa: ARG002 - threads have no title here
        """Return the message's own timestamp: each message in Slack can be answered."""
        return ref.message

    async def answer(self, press: Press, answer: Answer) -> None:
        await self._answers.give(press, answer)

    async def member(self, person: Person, *, groups: frozenset[str]) -> Member:
        return await self._people.member(person.id, groups=groups)

    async def listen(self, receive: Receive) -> None:
        """Hear presses and commands until cancelled.

        Raises:
            OperatorError: Slack refuses a token; the socket's own would not tell of the bot's.
        """
        try:
            await self._identity.bot_user()
        except OperatorError:
            raise
        except TransientError as error:
            log.warning("slack_waits", why=str(error))
        await self._gateway.listen(receive)

    async def _post(
        self, channel: str, shown: Rendered, *, key: str, thread: str
    ) -> AsyncSlackResponse:
        with self._calling("chat.postMessage", f"post in {channel}", of=channel):
            return await self._client.chat_postMessage(
                channel=channel,
                text=shown.text,
                blocks=shown.blocks,
                thread_ts=thread or None,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"key": key}},
                unfurl_links=False,
                unfurl_media=False,
            )

    async def _pages(self, channel: str, thread: str, since: datetime) -> AsyncIterator[list[Json]]:
        """Yield what was posted from *since* on; a thread forwards, a channel backwards."""
        oldest = f"{(since - BEFORE).timestamp():.6f}"
        cursor: str | None = None
        for _ in range(PAGES):
            page = await self._page(channel, thread, oldest, cursor)
            yield page["messages"]
            cursor = _next_page(page)
            if not cursor:
                return

    async def _page(
        self, channel: str, thread: str, oldest: str, cursor: str | None
    ) -> AsyncSlackResponse:
        if thread:
            await self._pace.read("conversations.replies", f"{channel} {thread}")
            with self._calling("conversations.replies", f"read a thread in {channel}"):
                return await self._client.conversations_replies(
                    channel=channel,
                    ts=thread,
                    oldest=oldest,
                    limit=PAGE,
                    cursor=cursor,
                    include_all_metadata=True,
                )
        await self._pace.read("conversations.history", channel)
        with self._calling("conversations.history", f"read {channel}"):
            return await self._client.conversations_history(
                channel=channel,
                oldest=oldest,
                limit=PAGE,
                cursor=cursor,
                include_all_metadata=True,
            )

    @contextmanager
    def _calling(self, method: str, act: str, *, of: str = "") -> Iterator[None]:
        """Call a method, unless Slack has asked us to leave it for a while."""
        with self._pace.heeding(f"{method} {of}"), telling(act):
            yield


def _next_page(response: AsyncSlackResponse) -> str:
    metadata: Json = response.get("response_metadata") or {}
    return str(metadata.get("next_cursor", ""))


def _key(message: Json) -> str:
    metadata = message.get("metadata", {})
    if metadata.get("event_type") != EVENT_TYPE:
        return ""
    return str(metadata.get("event_payload", {}).get("key", ""))


def _promise(platform: SlackPlatform) -> ChatPlatform:
    return platform
