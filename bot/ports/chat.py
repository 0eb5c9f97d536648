"""A chat platform."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.person import Member, Person
from bot.domain.press import Press
from bot.domain.subscription import Place
from bot.messages.views import Answer, Choices, View


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRef:
    """Where a message stands."""

    place: Place
    message: str
    thread: str = ""
    """The thread under it; empty until one was opened."""


class Acknowledgement(StrEnum):
    """How a press is taken; fixed at once, since privacy can't change later."""

    QUIET = "quiet"  # nothing is shown; the card follows from its own row
    PRIVATE = "private"  # "thinking", to the presser alone, until `answer`


Receive = Callable[[Press], Awaitable[Acknowledgement | Choices]]


class ChatPlatform(Protocol):
    """Discord or Slack.

    Every call raises TransientError where trying again can help, OperatorError where only the
    operator can mend it (channel gone, no rights there, token refused), with words for them, and
    PermanentError where nobody can.
    """

    async def post(self, place: Place, view: View, *, key: str, thread: str = "") -> MessageRef:
        """Show *view* as a new message, in the thread where one is named.

        Args:
            key: At most 25 characters; lets `find` see the message after a crash.
        """
        ...

    async def edit(self, ref: MessageRef, view: View, *, urgent: bool) -> None:
        """Show *view* in place of what the message showed.

        Args:
            urgent: Somebody waits for it; other edits give way where the pace is short.

        Raises:
            NotFoundError: Someone deleted the message.
        """
        ...

    async def find(
        self, place: Place, *, key: str, since: datetime, thread: str = ""
    ) -> MessageRef | None:
        """Return our message with *key*, if it was posted.

        Args:
            since: When we tried to, by our clock; how much was posted after it does not matter.
        """
        ...

    async def open_thread(self, ref: MessageRef, title: str) -> str:
        """Open the thread under a message, or find it opened; return its id."""
        ...

    async def answer(self, press: Press, answer: Answer) -> None:
        """Tell the presser alone; a file goes to them alone too.

        Raises:
            PermanentError: The press is too old to be answered.
        """
        ...

    async def member(self, person: Person, *, groups: frozenset[str]) -> Member:
        """Return what the platform says of *person* now.

        Args:
            groups: The only groups or roles worth looking up.
        """
        ...

    async def listen(self, receive: Receive) -> None:
        """Hear presses and commands until cancelled; commit through *receive*, then acknowledge."""
        ...
