"""What every chat platform promises; each adapter brings its stage and runs these."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol

import pytest

from bot.domain.errors import NotFoundError, OperatorError, TransientError
from bot.domain.failure import ExcerptLine
from bot.domain.ids import IncidentId, RunId
from bot.domain.person import Person
from bot.domain.press import Press, PressKind, Target
from bot.domain.subscription import Place
from bot.messages.text import say
from bot.messages.views import Answer, Button, Choices, File, IncidentCard, Mark, Note
from bot.ports.chat import Acknowledgement, ChatPlatform, MessageRef, Receive

TARGET = Target(incident=IncidentId(12), run=RunId(812), attempt=1)
CARD = IncidentCard(
    mark=Mark.BROKEN,
    headline=say("BROKEN acme/app CI on main (#12)"),
    proof=(ExcerptLine(number=812, text="503 Service Unavailable"),),
    buttons=(Button(action="retry", label="Retry failed jobs", target=TARGET),),
    menu=(Button(action="resolve", label="Resolve", target=TARGET),),
)


class Reply(Protocol):
    """What a person sees of something they did; read it any time."""

    @property
    def text(self) -> str: ...
    @property
    def private(self) -> bool: ...
    @property
    def files(self) -> Sequence[bytes]: ...

    async def settled(self) -> None:
        """Wait until no reply is to come that was promised."""
        ...


class Stage(Protocol):
    """One platform with a channel, somebody in it, and hands on the far side."""

    @property
    def chat(self) -> ChatPlatform: ...
    @property
    def place(self) -> Place: ...
    @property
    def person(self) -> Person: ...
    @property
    def callee(self) -> str:
        """Return the key of a group or role that may be called."""
        ...

    def text(self, ref: MessageRef) -> str:
        """Return what a reader of the message sees now."""
        ...

    def thread(self, ref: MessageRef) -> Sequence[str]:
        """Return what stands under the message."""
        ...

    def messages(self) -> int:
        """Count the messages of the channel itself."""
        ...

    def rung(self, ref: MessageRef) -> Sequence[str]:
        """Return the keys of all whom the message really called."""
        ...

    def delete(self, ref: MessageRef) -> None: ...
    def lose_channel(self) -> None: ...
    def down(self, *, down: bool) -> None: ...

    def listening(self, receive: Receive) -> AbstractAsyncContextManager[None]:
        """Run `listen`; presses are heard inside."""
        ...

    async def press(self, ref: MessageRef, action: str) -> Reply:
        """Press a button, or choose it in the menu, as *person*."""
        ...

    async def command(self, line: str) -> Reply:
        """Type a line such as "status acme/app" after `/build`, as *person*."""
        ...

    def give_group(self) -> str:
        """Put *person* into the group of `callee`; return its id."""
        ...


@dataclass
class Heard:
    """Notes presses down and takes each as it was told to."""

    taken: Acknowledgement | Choices = Acknowledgement.PRIVATE
    presses: list[Press] = field(default_factory=list)

    async def receive(self, press: Press) -> Acknowledgement | Choices:
        self.presses.append(press)
        return self.taken


async def card(stage: Stage) -> MessageRef:
    return await stage.chat.post(stage.place, CARD, key="card-1")


class ChatContract:
    """Subclass it, and give a fixture `stage`."""

    async def test_a_card_is_edited_in_place(self, stage: Stage) -> None:
        """One incident is one message, whatever happens to it."""
        ref = await card(stage)
        assert "BROKEN acme/app CI on main" in stage.text(ref)
        assert "812  503 Service Unavailable" in stage.text(ref)
        assert "Retry failed jobs" in stage.text(ref)

        fixed = replace(CARD, mark=Mark.FIXED, headline=say("FIXED"), buttons=())
        await stage.chat.edit(ref, fixed, urgent=True)

        assert "FIXED" in stage.text(ref)
        assert "BROKEN" not in stage.text(ref)
        assert "Retry failed jobs" not in stage.text(ref)
        assert stage.messages() == 1

    async def test_only_who_is_called_is_rung(self, stage: Stage) -> None:
        """An edit rings nobody; words ring nobody."""
        silent = await card(stage)
        loud = await stage.chat.post(stage.place, replace(CARD, call=(stage.callee,)), key="card-2")
        await stage.chat.edit(silent, replace(CARD, call=(stage.callee,)), urgent=False)

        assert list(stage.rung(silent)) == []
        assert list(stage.rung(loud)) == [stage.callee]

    async def test_what_was_posted_is_found_by_its_key(self, stage: Stage) -> None:
        """After a crash nobody remembers whether the post went out."""
        since = datetime.now(UTC)
        ref = await card(stage)
        thread = await stage.chat.open_thread(ref, "#12")
        line = await stage.chat.post(
            stage.place, Note(text=say("opened")), key="line-1", thread=thread
        )

        assert await stage.chat.find(stage.place, key="card-1", since=since) == ref
        assert await stage.chat.find(stage.place, key="line-1", since=since, thread=thread) == line
        assert await stage.chat.find(stage.place, key="card-2", since=since) is None
        assert await stage.chat.find(stage.place, key="card-1", since=since, thread=thread) is None

    async def test_a_thread_is_opened_once(self, stage: Stage) -> None:
        """Asking again is how a crash in between is mended."""
        ref = await card(stage)

        first = await stage.chat.open_thread(ref, "acme/app CI on main")
        second = await stage.chat.open_thread(ref, "acme/app CI on main")
        for index, words in enumerate(("opened", "ended")):
            note = Note(text=say(words))
            await stage.chat.post(stage.place, note, key=f"line-{index}", thread=first)

        assert first == second
        assert list(stage.thread(ref)) == ["opened", "ended"]
        assert stage.messages() == 1

    async def test_an_edit_of_a_deleted_message_says_so(self, stage: Stage) -> None:
        """The card is then posted again; other refusals are not answered so."""
        ref = await card(stage)
        stage.delete(ref)

        with pytest.raises(NotFoundError):
            await stage.chat.edit(ref, CARD, urgent=False)

    async def test_a_lost_channel_is_told_to_the_operator(self, stage: Stage) -> None:
        """A person must let us in, and may have done so by the next try."""
        stage.lose_channel()

        with pytest.raises(OperatorError, match=stage.place.channel):
            await card(stage)

    async def test_an_outage_passes(self, stage: Stage) -> None:
        """What could not be said is said later."""
        stage.down(down=True)
        with pytest.raises(TransientError):
            await card(stage)
        stage.down(down=False)

        assert "BROKEN" in stage.text(await card(stage))

    @pytest.mark.parametrize("action", ["retry", "resolve"])
    async def test_a_press_is_noted_and_answered_in_private(
        self, stage: Stage, action: str
    ) -> None:
        """Buttons and menu entries are the same to us."""
        heard = Heard()
        ref = await card(stage)
        async with stage.listening(heard.receive):
            reply = await stage.press(ref, action)
            (press,) = heard.presses
            await stage.chat.answer(press, Answer(text=say("Done."), rows=(say("one"), say("two"))))
            await reply.settled()

        assert (press.kind, press.name, press.target) == (PressKind.BUTTON, action, TARGET)
        assert (press.place, press.by.key, press.message) == (
            stage.place,
            stage.person.key,
            ref.message,
        )
        assert reply.private
        assert reply.text.split("\n")[:3] == ["Done.", "one", "two"]

    async def test_a_quiet_press_shows_nothing_but_can_be_answered(self, stage: Stage) -> None:
        """A refusal must reach the presser although nothing was promised."""
        heard = Heard(taken=Acknowledgement.QUIET)
        ref = await card(stage)
        before = stage.text(ref)
        async with stage.listening(heard.receive):
            reply = await stage.press(ref, "retry")
            shown = reply.text
            await stage.chat.answer(heard.presses[0], Answer(text=say("Ask @ana.")))

        assert shown == ""
        assert stage.text(ref) == before
        assert reply.private
        assert "Ask @ana." in reply.text

    async def test_a_file_goes_to_the_presser_alone(self, stage: Stage) -> None:
        """A full log may hold what the channel should not see."""
        heard = Heard()
        ref = await card(stage)
        async with stage.listening(heard.receive):
            reply = await stage.press(ref, "retry")
            log = File(name="build (linux/arm64).log", body=b"line 1\n")
            await stage.chat.answer(heard.presses[0], Answer(text=say("The log:"), file=log))
            await reply.settled()

        assert reply.private
        assert list(reply.files) == [b"line 1\n"]
        assert stage.messages() == 1

    async def test_a_command_is_a_press_with_words(self, stage: Stage) -> None:
        """Whatever the platform's form for it is."""
        heard = Heard()
        async with stage.listening(heard.receive):
            reply = await stage.command("status acme/app")
            (press,) = heard.presses
            await stage.chat.answer(press, Answer(text=say("All green.")))
            await reply.settled()

        assert (press.kind, press.name, press.target) == (PressKind.COMMAND, "status", None)
        assert "acme/app" in press.arguments.values()
        assert press.place == stage.place
        assert reply.private
        assert "All green." in reply.text

    async def test_a_member_has_the_groups_of_now(self, stage: Stage) -> None:
        """Rights are checked again when a retry comes due."""
        async with stage.listening(Heard().receive):
            group = stage.give_group()
            member = await stage.chat.member(stage.person, groups=frozenset({group}))

        assert group in member.groups
        assert not member.outsider
