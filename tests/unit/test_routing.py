"""The error boundary: whatever a handler does, the presser reads plain words."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog

from bot.domain.access import Right
from bot.domain.errors import OperatorError, PermanentError, TransientError, UserError
from bot.domain.events import Pinged, Unheard
from bot.domain.press import Press, PressKind
from bot.messages.text import plain, say
from bot.messages.views import Answer, Choice, Choices
from bot.ports.chat import Acknowledgement
from bot.routing import PressRoute, Router
from tests.unit.made import TARGET, a_press

DONE = Answer(text=say("Done."))
OFFERED = Choices(options=(Choice(label="acme/app", value="acme/app"),))
BUTTON = a_press(PressKind.BUTTON, "retry", target=TARGET)


@dataclass
class Gate:
    """Asks for rights as the table says; refuses where told to."""

    asked: list[tuple[str, Right]] = field(default_factory=list)
    refusal: Exception | None = None

    async def __call__(self, press: Press, right: Right) -> None:
        self.asked.append((press.name, right))
        if self.refusal:
            raise self.refusal


async def done(press: Press) -> Answer:
    del press
    return DONE


def failing(error: Exception) -> Callable[[Press], Awaitable[Any]]:
    async def handle(press: Press) -> Answer:
        del press
        raise error

    return handle


def a_router(gate: Gate | None = None, **handlers: Callable[[Press], Awaitable[Any]]) -> Router:
    """Return a router with a button for each handler, and the bot's words as commands."""
    return Router(
        events={Pinged: _pong},
        buttons={
            name: PressRoute(handle=handle, right=Right.RETRY)
            for name, handle in {"retry": done, **handlers}.items()
        },
        commands={
            "status": PressRoute(handle=done, right=Right.READ, choices=_offer),
            "help": PressRoute(handle=done, right=Right.READ, answers=Acknowledgement.QUIET),
            "broken": PressRoute(
                handle=done, right=Right.READ, choices=failing(RuntimeError("no such row"))
            ),
        },
        gate=gate or Gate(),
    )


async def _pong(event: Pinged) -> str:
    return f"pong {event.hook}"


async def _offer(press: Press) -> Choices:
    del press
    return OFFERED


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as lines:
        yield lines


async def said(router: Router, press: Press = BUTTON) -> str:
    answer = await router.press(press)
    return plain(answer.text) if answer else ""


async def test_a_press_goes_to_its_handler_with_its_right_checked(logs: list[Any]) -> None:
    gate = Gate()

    assert await a_router(gate).press(BUTTON) == DONE
    assert gate.asked == [("retry", Right.RETRY)]
    assert logs == [
        {
            "event": "press_done",
            "log_level": "info",
            "press": "p1",
            "kind": "button",
            "name": "retry",
            "by": "slack:user:U1",
        }
    ]


async def test_a_button_is_no_command() -> None:
    """What can be pressed and what can be typed are two tables."""
    router = a_router()

    assert await router.press(a_press(PressKind.BUTTON, "status")) != DONE
    assert await router.press(a_press(PressKind.COMMAND, "retry")) != DONE
    assert await router.press(a_press(PressKind.COMMAND, "status")) == DONE


async def test_whoever_may_not_never_reaches_the_handler() -> None:
    reached = False

    async def handle(press: Press) -> Answer:
        nonlocal reached
        del press
        reached = True
        return DONE

    router = a_router(Gate(refusal=UserError("Ask @ana.")), retry=handle)

    assert await said(router) == "Ask @ana."
    assert not reached


@pytest.mark.parametrize(
    ("error", "words", "level"),
    [
        pytest.param(
            UserError("No open incident #71."), "No open incident #71.", "info", id="the-persons"
        ),
        pytest.param(
            TransientError("GitHub does not answer."),
            "Nothing was done: GitHub does not answer. Please try again in a minute.",
            "warning",
            id="the-next-attempts",
        ),
        pytest.param(
            OperatorError("Slack refused the token."),
            "Nothing was done: Slack refused the token. Please try again in a minute.",
            "warning",
            id="the-operators",
        ),
        pytest.param(
            PermanentError("The log has expired."),
            "Nothing was done: The log has expired.",
            "error",
            id="nobodys",
        ),
        pytest.param(
            KeyError("channel"),
            "That did not work, and it is my fault. Press again; if it stays so, tell the "
            "operator, who finds it in my log.",
            "error",
            id="ours",
        ),
    ],
)
async def test_every_failure_is_someones(
    error: Exception, words: str, level: str, logs: list[Any]
) -> None:
    """No class names and no stack for the presser; one line with ids in the log."""
    assert await said(a_router(retry=failing(error))) == words
    assert [line["log_level"] for line in logs] == [level]
    assert logs[0]["press"] == "p1"


async def test_a_sentence_without_a_full_stop_gets_one() -> None:
    """Adapters say some things in half a sentence."""
    router = a_router(retry=failing(TransientError("Discord is not connected")))

    assert await said(router) == (
        "Nothing was done: Discord is not connected. Please try again in a minute."
    )


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("statsu", "I do not know statsu. Did you mean /build status?"),
        ("HLEP", "I do not know HLEP. Did you mean /build help?"),
        ("xyzzy", "I do not know xyzzy. /build help lists what I can do."),
        ("", "Type /build help to see what I can do."),
    ],
)
async def test_an_unknown_command_is_answered_with_a_guess(typed: str, words: str) -> None:
    assert await said(a_router(), a_press(PressKind.COMMAND, typed)) == words


async def test_an_unknown_button_is_not_taken_for_a_typo() -> None:
    """It stands on a card that an older version drew."""
    words = await said(a_router(), a_press(PressKind.BUTTON, "statusx"))

    assert words
    assert "Did you mean" not in words


async def test_what_was_unknown_is_acknowledged_in_private() -> None:
    router = a_router()

    assert router.acknowledgement(a_press(PressKind.BUTTON, "old")) is Acknowledgement.PRIVATE
    assert router.acknowledgement(BUTTON) is Acknowledgement.PRIVATE
    assert router.acknowledgement(a_press(PressKind.COMMAND, "help")) is Acknowledgement.QUIET


async def test_choices_come_from_the_command_that_is_typed() -> None:
    router = a_router()

    assert await router.choices(a_press(PressKind.CHOICES, "status")) == OFFERED
    assert await router.choices(a_press(PressKind.CHOICES, "help")) == Choices()
    assert await router.choices(a_press(PressKind.CHOICES, "xyzzy")) == Choices()


async def test_choices_that_break_are_silent_but_for_the_log(logs: list[Any]) -> None:
    """An error while typing would only be in the way."""
    assert await a_router().choices(a_press(PressKind.CHOICES, "broken")) == Choices()
    assert [line["event"] for line in logs] == ["choices_broke"]


async def test_an_event_goes_to_its_handler_and_others_are_left_alone() -> None:
    router = a_router()

    assert await router.event(Pinged(hook=7)) == "pong 7"
    assert await router.event(Unheard(why="stars")) == "stars"


async def test_an_events_failure_is_left_to_the_worker() -> None:
    """It tries again; a press has somebody who waits, an event has not."""

    async def handle(event: Pinged) -> str:
        del event
        msg = "GitHub does not answer."
        raise TransientError(msg)

    router = Router(events={Pinged: handle}, buttons={}, commands={}, gate=Gate())

    with pytest.raises(TransientError):
        await router.event(Pinged(hook=7))
