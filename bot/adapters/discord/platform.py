"""Discord as a chat platform."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self

from discord.http import Route
from discord.utils import time_snowflake

from bot.adapters.discord import answers, marker, render
from bot.adapters.discord.addresses import API_URL, GATEWAY_URL, point_at
from bot.adapters.discord.gateway import Gateway
from bot.adapters.discord.lines import cut
from bot.adapters.discord.listening import stay_connected
from bot.adapters.discord.members import Members
from bot.adapters.discord.pace import Pace
from bot.adapters.discord.refusals import Attempt, Code, DiscordRefusedError
from bot.adapters.discord.rest import Rest
from bot.domain.errors import TransientError
from bot.domain.person import Member, Person
from bot.domain.press import Press
from bot.domain.subscription import Place
from bot.messages.views import Answer, View
from bot.ports.chat import ChatPlatform, MessageRef, Receive
from bot.ports.clock import PATIENCE, Clock
from bot.ports.commands import CommandSpec

PAGE: Final = 100  # messages, the most that Discord gives at once
PAGES: Final = 20
BEFORE: Final = timedelta(minutes=1)  # clocks differ
TITLE_CHARS: Final = 100
ARCHIVE_AFTER: Final = timedelta(days=3)  # without a word; one of the four spans Discord knows


class DiscordPlatform(AbstractAsyncContextManager["DiscordPlatform"]):
    """The port over discord.py; what is sent goes by REST and needs no gateway."""

    def __init__(  # noqa: PLR0913 - what the composition root knows and we do not
        self,
        *,
        token: str,
        clock: Clock,
        commands: Sequence[CommandSpec] = (),
        api_url: str = API_URL,
        gateway_url: str = GATEWAY_URL,
        patience: timedelta = PATIENCE,
        pace: Pace | None = None,
    ) -> None:
        """Ask nothing yet.

        Args:
            patience: After it, an unanswered request must have acted or never will.
        """
        point_at(api_url=api_url, gateway_url=gateway_url)
        self._token = token
        self._clock = clock
        self._commands = commands
        self._pace = pace or Pace()
        self._rest = Rest(token=token, pace=self._pace, patience=patience)
        self._members = Members(self._rest, clock)
        self._gateway: Gateway | None = None
        self._servers: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._rest.__aexit__(kind, error, trace)

    @property
    def connected(self) -> bool:
        """Whether presses and commands are heard now."""
        return self._gateway is not None and self._gateway.hears

    async def post(self, place: Place, view: View, *, key: str, thread: str = "") -> MessageRef:
        """Show *view* as a new message; within minutes the same key makes no second one."""
        await self._pace.post(thread or place.channel, key)
        everyone = await self._server(place) if view.call else ""
        body = render.message(view, everyone=everyone, key=key)
        body |= {"nonce": key, "enforce_nonce": True}
        try:
            posted = await self._say(place, thread, body)
        except DiscordRefusedError as refused:
            if not thread or refused.code != Code.THREAD_ARCHIVED:
                raise
            await self._reopen(place, thread)
            posted = await self._say(place, thread, body)
        return MessageRef(place=place, message=str(posted["id"]), thread=thread)

    async def edit(self, ref: MessageRef, view: View, *, urgent: bool) -> None:
        """Show *view* in place of what the message showed."""
        path = "/channels/{channel_id}/messages/{message_id}"
        channel = ref.place.channel
        await self._pace.edit(channel, ref.message, urgent=urgent)
        route = Route("PATCH", path, channel_id=channel, message_id=ref.message)
        attempt = Attempt(what="change my message", place=channel)
        await self._rest.request(route, attempt, body=render.edited(view))

    async def find(
        self, place: Place, *, key: str, since: datetime, thread: str = ""
    ) -> MessageRef | None:
        """Return our message with *key* among those that were posted since then.

        A message that was edited is not found: whoever edits it knows where it is.
        """
        mark = marker.marker(key)
        async for message in self._messages(place, thread, since - BEFORE):
            if message["author"]["id"] == self._rest.me and message["content"].endswith(mark):
                return MessageRef(place=place, message=str(message["id"]), thread=thread)
        return None

    async def open_thread(self, ref: MessageRef, title: str) -> str:
        """Open the thread under a message, or find it opened; return its id."""
        path = "/channels/{channel_id}/messages/{message_id}/threads"
        channel = ref.place.channel
        route = Route("POST", path, channel_id=channel, message_id=ref.message)
        body = {
            "name": cut(title, room=TITLE_CHARS) or "…",
            "auto_archive_duration": int(ARCHIVE_AFTER.total_seconds()) // 60,
        }
        attempt = Attempt(what="open a thread", place=channel, needs="Create Public Threads")
        try:
            opened = await self._rest.request(route, attempt, body=body)
        except DiscordRefusedError as refused:
            if refused.code != Code.THREAD_EXISTS:
                raise
            return ref.message  # a thread has the id of the message that it hangs under
        return str(opened["id"])

    async def answer(self, press: Press, answer: Answer) -> None:
        """Tell the presser alone; a file goes to them alone too."""
        if self._gateway is not None:
            await self._gateway.acknowledged(press.id)
        await answers.send(self._rest, press, answer, at=self._clock.now())

    async def member(self, person: Person, *, groups: frozenset[str]) -> Member:
        """Return which of these roles *person* has now; Discord knows no guests."""
        if self._gateway is None or not self._gateway.knows_roles:
            msg = "Discord is not connected, so roles can't be looked up"
            raise TransientError(msg)
        return await self._members.member(person, self._gateway.guilds_with(groups))

    async def listen(self, receive: Receive) -> None:
        """Hear presses and commands until cancelled; commit through *receive*, then acknowledge."""

        def new() -> Gateway:
            self._gateway = Gateway(receive=receive, clock=self._clock, specs=self._commands)
            return self._gateway

        await stay_connected(self._token, new)

    async def _messages(
        self, place: Place, thread: str, since: datetime
    ) -> AsyncIterator[dict[str, Any]]:
        """Yield what was posted from *since* on; what we look for is near the start."""
        channel = thread or place.channel
        route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel)
        attempt = Attempt(
            what="look for my messages", place=place.channel, needs="Read Message History"
        )
        after = time_snowflake(since)
        for _ in range(PAGES):
            query = {"limit": PAGE, "after": str(after)}
            page = await self._rest.request(route, attempt, query=query)
            for message in page:
                yield message
            if len(page) < PAGE:
                return
            after = max(int(message["id"]) for message in page)

    async def _say(self, place: Place, thread: str, body: dict[str, Any]) -> dict[str, Any]:
        attempt = Attempt(
            what="write in a thread" if thread else "write",
            place=place.channel,
            needs="Send Messages in Threads" if thread else "Send Messages",
            gone=frozenset({Code.UNKNOWN_CHANNEL} if thread else ()),
        )
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=thread or place.channel)
        posted: dict[str, Any] = await self._rest.request(route, attempt, body=body)
        return posted

    async def _reopen(self, place: Place, thread: str) -> None:
        route = Route("PATCH", "/channels/{channel_id}", channel_id=thread)
        attempt = Attempt(what="reopen a thread", place=place.channel, needs="Manage Threads")
        await self._rest.request(route, attempt, body={"archived": False})

    async def _server(self, place: Place) -> str:
        if place.channel not in self._servers:
            route = Route("GET", "/channels/{channel_id}", channel_id=place.channel)
            attempt = Attempt(what="look at the channel", place=place.channel)
            channel = await self._rest.request(route, attempt)
            self._servers[place.channel] = str(channel.get("guild_id") or "")
        return self._servers[place.channel]


def _promise(chat: DiscordPlatform) -> ChatPlatform:
    return chat
