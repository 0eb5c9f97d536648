"""The chat in memory with somebody in its channel; what they do is handed over at once."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from bot.adapters.memory.chat import MemoryChat, Message
from bot.domain.ids import PressId
from bot.domain.person import Member, Person, Platform
from bot.domain.press import Press, PressKind, Target
from bot.domain.subscription import Place
from bot.messages.text import plain
from bot.messages.views import Answer, Button, IncidentCard, Note, View
from bot.ports.chat import MessageRef, Receive
from tests.contract.made import ANA, HERE, NOW

GROUP = "S1"


@dataclass(kw_only=True)
class WatchedChat(MemoryChat):
    """Also remembers which message rang whom."""

    rung_by: dict[str, list[str]] = field(default_factory=dict)

    async def post(self, place: Place, view: View, *, key: str, thread: str = "") -> MessageRef:
        before = len(self.rung)
        ref = await super().post(place, view, key=key, thread=thread)
        self.rung_by[ref.message] = self.rung[before:]
        return ref


@dataclass
class MemoryReply:
    chat: MemoryChat
    press: PressId
    messages_before: int

    @property
    def _answers(self) -> list[Answer]:
        return [answer for press, answer in self.chat.answers if press.id == self.press]

    @property
    def text(self) -> str:
        texts = [text for answer in self._answers for text in (answer.text, *answer.rows)]
        return "\n".join(map(plain, texts))

    @property
    def private(self) -> bool:
        """Whether nothing of it was posted."""
        return len(self.chat.messages) == self.messages_before

    @property
    def files(self) -> Sequence[bytes]:
        return [answer.file.body for answer in self._answers if answer.file]

    async def settled(self) -> None:
        """Return at once: an answer is there as soon as it was given."""


@dataclass
class MemoryStage:
    chat: WatchedChat = field(default_factory=lambda: WatchedChat(platform=Platform.SLACK))
    place: Place = HERE
    person: Person = ANA
    callee: str = f"slack:group:{GROUP}"
    receive: Receive | None = None
    ids: "count[int]" = field(default_factory=count)

    def text(self, ref: MessageRef) -> str:
        view = self._message(ref).view
        if not isinstance(view, IncidentCard):
            return plain(view.text if isinstance(view, Note) else view.headline)
        proof = [f"{line.number}  {line.text}" for line in view.proof]
        labels = [button.label for button in buttons_of(view)]
        return "\n".join([plain(view.headline), *proof, *labels])

    def thread(self, ref: MessageRef) -> Sequence[str]:
        return [one.text for one in self.chat.messages if one.thread == ref.message]

    def messages(self) -> int:
        return sum(not one.thread for one in self.chat.messages)

    def rung(self, ref: MessageRef) -> Sequence[str]:
        return self.chat.rung_by[ref.message]

    def delete(self, ref: MessageRef) -> None:
        self.chat.messages.remove(self._message(ref))

    def lose_channel(self) -> None:
        self.chat.lost_channels.add(self.place.channel)

    def down(self, *, down: bool) -> None:
        self.chat.down = down

    @asynccontextmanager
    async def listening(self, receive: Receive) -> AsyncIterator[None]:
        self.receive = receive
        yield
        self.receive = None

    async def press(self, ref: MessageRef, action: str) -> MemoryReply:
        view = self._message(ref).view
        assert isinstance(view, IncidentCard)
        (button,) = (one for one in buttons_of(view) if one.action == action)
        return await self._send(PressKind.BUTTON, action, target=button.target, message=ref.message)

    async def command(self, line: str) -> MemoryReply:
        name, *words = line.split()
        return await self._send(PressKind.COMMAND, name, arguments={"repo": " ".join(words)})

    def give_group(self) -> str:
        self.chat.members[self.person.id] = Member(groups=frozenset({GROUP}))
        return GROUP

    async def _send(
        self,
        kind: PressKind,
        name: str,
        *,
        target: Target | None = None,
        message: str = "",
        arguments: dict[str, str] | None = None,
    ) -> MemoryReply:
        assert self.receive
        press = Press(
            id=PressId(f"p{next(self.ids)}"),
            kind=kind,
            name=name,
            place=self.place,
            by=self.person,
            target=target,
            message=message,
            arguments=arguments or {},
            received_at=NOW,
        )
        reply = MemoryReply(self.chat, press.id, len(self.chat.messages))
        await self.receive(press)
        return reply

    def _message(self, ref: MessageRef) -> Message:
        (found,) = (one for one in self.chat.messages if one.id == ref.message)
        return found


def buttons_of(card: IncidentCard) -> tuple[Button, ...]:
    return (*card.buttons, *card.menu)
