"""A chat platform in memory: what is posted can be read, found and edited."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from bot.domain.errors import (
    BusyError,
    NotFoundError,
    OperatorError,
    PermanentError,
    TransientError,
)
from bot.domain.person import Member, Person, Platform
from bot.domain.press import Press
from bot.domain.subscription import Place
from bot.messages.text import plain
from bot.messages.views import Answer, Digest, IncidentCard, Note, View
from bot.ports.chat import MessageRef, Receive
from bot.ports.clock import Clock

BEFORE: Final = timedelta(minutes=1)  # as the platforms' adapters allow for clocks that differ


@dataclass(slots=True, kw_only=True)
class Message:
    id: str
    channel: str
    thread: str
    """The id of the message whose thread it stands in; empty in the channel itself."""
    key: str
    view: View
    at: datetime | None
    edits: int = 0

    @property
    def text(self) -> str:
        """The headline of a card or digest, or the note."""
        if isinstance(self.view, Note):
            return plain(self.view.text)
        return plain(self.view.headline)


@dataclass(slots=True, kw_only=True)
class MemoryChat:
    platform: Platform
    clock: Clock | None = None
    """Without one, all that was posted is found."""
    members: dict[str, Member] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    answers: list[tuple[Press, Answer]] = field(default_factory=list)
    rung: list[str] = field(default_factory=list)
    """Keys of who was rung, in order."""
    lost_channels: set[str] = field(default_factory=set)
    down: bool = False
    answers_fail: bool = False
    threads_gone: bool = False
    """Somebody deletes each thread as soon as it is opened."""
    busy: bool = False
    """Our share of its pace is used up."""
    searches: int = 0
    history_busy: bool = False
    """Our share of reading what was posted is used up."""
    answers_lost: bool = False
    """Posts and edits are done, and then the connection breaks."""
    ids: "count[int]" = field(default_factory=lambda: count(1))

    async def post(self, place: Place, view: View, *, key: str, thread: str = "") -> MessageRef:
        self._reach(place)
        if thread and self.threads_gone:
            msg = "The thread is gone."
            raise NotFoundError(msg)
        message = Message(
            id=f"m{next(self.ids)}",
            channel=place.channel,
            thread=thread,
            key=key,
            view=view,
            at=self.clock.now() if self.clock else None,
        )
        self.messages.append(message)
        self.rung.extend(view.call)
        self._lose_answer()
        return MessageRef(place=place, message=message.id)

    async def edit(self, ref: MessageRef, view: View, *, urgent: bool) -> None:
        del urgent  # nothing here has a pace
        self._reach(ref.place)
        message = self._message(ref.message)
        message.view = view
        message.edits += 1
        self._lose_answer()

    async def find(
        self, place: Place, *, key: str, since: datetime, thread: str = ""
    ) -> MessageRef | None:
        self.searches += 1
        self._reach(place)
        if self.history_busy:
            msg = f"{self.platform.capitalize()} lets nobody search for now."
            raise BusyError(msg, after=timedelta(seconds=5))
        wanted = place.channel, key, thread
        for message in reversed(self.messages):
            is_old = message.at is not None and message.at < since - BEFORE
            if not is_old and (message.channel, message.key, message.thread) == wanted:
                return MessageRef(place=place, message=message.id)
        return None

    async def open_thread(self, ref: MessageRef, title: str) -> str:
        self._reach(ref.place)
        self._message(ref.message)
        if not title:
            msg = "A thread needs a title."
            raise PermanentError(msg)
        return ref.message

    async def answer(self, press: Press, answer: Answer) -> None:
        self._reach(press.place)
        if self.answers_fail:
            msg = f"{self.platform.capitalize()} does not take the answer."
            raise TransientError(msg)
        self.answers.append((press, answer))

    async def member(self, person: Person, *, groups: frozenset[str]) -> Member:
        self._reach(None)
        known = self.members.get(person.id, Member())
        return Member(groups=known.groups & groups, outsider=known.outsider)

    async def listen(self, receive: Receive) -> None:
        """Hear nothing by itself: whoever holds this calls the bot's *receive*."""
        del receive
        await asyncio.Event().wait()

    def _reach(self, place: Place | None) -> None:
        if self.down:
            msg = f"{self.platform.capitalize()} does not answer."
            raise TransientError(msg)
        if self.busy:
            msg = f"{self.platform.capitalize()} has had its share for now."
            raise BusyError(msg, after=timedelta(seconds=5))
        if place and place.channel in self.lost_channels:
            msg = f"There is no channel {place.channel}."
            raise OperatorError(msg)

    def _lose_answer(self) -> None:
        if self.answers_lost:
            msg = f"{self.platform.capitalize()} did not answer in time."
            raise TransientError(msg)

    def _message(self, message_id: str) -> Message:
        for message in self.messages:
            if message.id == message_id:
                return message
        msg = f"There is no message {message_id}."
        raise NotFoundError(msg)

    @property
    def cards(self) -> list[Message]:
        return [one for one in self.messages if isinstance(one.view, IncidentCard)]

    @property
    def notes(self) -> list[str]:
        return [one.text for one in self.messages if isinstance(one.view, Note)]

    @property
    def digests(self) -> list[Message]:
        return [one for one in self.messages if isinstance(one.view, Digest)]
