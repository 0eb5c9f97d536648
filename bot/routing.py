"""Typed message -> handler; the one error boundary for what people and GitHub send."""

import difflib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from bot.domain.access import Right
from bot.domain.errors import SmokejumperError, TransientError, UserError
from bot.domain.events import Event, quiet
from bot.domain.press import Press, PressKind
from bot.messages.answers import old_button, our_fault, refusal, unknown_command
from bot.messages.text import sentence
from bot.messages.views import Answer, Choices
from bot.ports.chat import Acknowledgement

log = structlog.get_logger()

HandleEvent = Callable[[Any], Awaitable[str]]  # each takes the one event type it is listed for
HandlePress = Callable[[Press], Awaitable[Answer | None]]
HandleChoices = Callable[[Press], Awaitable[Choices]]
Gate = Callable[[Press, Right], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PressRoute:
    """A button or a command: its handler, the right it needs, how it answers."""

    handle: HandlePress
    right: Right
    answers: Acknowledgement = Acknowledgement.PRIVATE
    only_reads: bool = False
    """Changes nothing, and may take its time."""
    choices: HandleChoices | None = None
    """Completes a command's options while they are typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Router:
    events: Mapping[type, HandleEvent]
    buttons: Mapping[str, PressRoute]
    commands: Mapping[str, PressRoute]
    gate: Gate

    async def event(self, event: Event) -> str:
        """Return what was done, in words that are kept and can be counted."""
        if why := quiet(event):
            return why
        handle = self.events.get(type(event))
        return "left alone" if handle is None else await handle(event)

    def only_reads(self, press: Press) -> bool:
        """Whether a press changes nothing, so that it need not wait for others."""
        route = self._route(press)
        return route is not None and route.only_reads

    def acknowledgement(self, press: Press) -> Acknowledgement:
        route = self._route(press)
        return route.answers if route else Acknowledgement.PRIVATE

    async def press(self, press: Press) -> Answer | None:
        """Check the right, run the handler, and turn what goes wrong into plain words."""
        route = self._route(press)
        if route is None:
            return self._unknown(press)
        about = {"press": press.id, "kind": press.kind, "name": press.name, "by": press.by.key}
        try:
            await self.gate(press, route.right)
            answer = await route.handle(press)
        except UserError as error:
            log.info("press_refused", **about, why=str(error))
            return refusal(str(error))
        except TransientError as error:
            log.warning("press_failed", **about, why=str(error))
            return refusal(f"Nothing was done: {sentence(error)} Please try again in a minute.")
        except SmokejumperError as error:
            log.error("press_failed", **about, why=str(error))
            return refusal(f"Nothing was done: {sentence(error)}")
        except Exception:
            log.exception("press_broke", **about)
            return our_fault()
        log.info("press_done", **about)
        return answer

    async def choices(self, press: Press) -> Choices:
        """Complete what is being typed; silence is better than an error while typing."""
        route = self.commands.get(press.name)
        if route is None or route.choices is None:
            return Choices()
        try:
            return await route.choices(press)
        except Exception:
            log.exception("choices_broke", name=press.name)
            return Choices()

    def _route(self, press: Press) -> PressRoute | None:
        table = self.buttons if press.kind is PressKind.BUTTON else self.commands
        return table.get(press.name)

    def _unknown(self, press: Press) -> Answer:
        if press.kind is PressKind.BUTTON:
            return old_button()
        close = difflib.get_close_matches(press.name.lower(), self.commands, n=1)
        return unknown_command(press.name, guess=close[0] if close else "")
