"""Adapters and routes as they are, but counted; and a chat that only its leader may write to."""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from bot.adapters.github.client import GitHub
from bot.adapters.github.payloads import READERS
from bot.app.metrics import Metrics
from bot.domain.errors import BusyError, OperatorError, SmokejumperError, TransientError
from bot.domain.events import Delivery, Event
from bot.domain.ids import RunId
from bot.domain.person import Member, Person
from bot.domain.press import Press
from bot.domain.retry import Scope
from bot.domain.run import Repository
from bot.domain.subscription import Place
from bot.messages.views import Answer, View
from bot.ports.chat import ChatPlatform, MessageRef, Receive
from bot.services.inbox import Routes

ASK_AGAIN: Final = timedelta(seconds=1)

StoreDelivery = Callable[[Delivery], Awaitable[bool]]


class Connected(ChatPlatform, Protocol):
    """A chat that says whether it hears presses now."""

    @property
    def connected(self) -> bool: ...


def outcome_of(error: SmokejumperError) -> str:
    """Say in a word whose a failure is."""
    if isinstance(error, BusyError):
        return "busy"
    if isinstance(error, OperatorError):
        return "operator"
    if isinstance(error, TransientError):
        return "waits" if error.after is None else "limited"
    return "refused"


def counted_intake(store: StoreDelivery, metrics: Metrics) -> StoreDelivery:
    async def counted(delivery: Delivery) -> bool:
        # The header that names the event is not signed: a stranger must not make up series.
        event = delivery.event if delivery.event in READERS else "other"
        try:
            new = await store(delivery)
        except TransientError:
            metrics.delivery(event, "put_off")
            raise
        metrics.delivery(event, "stored" if new else "known")
        return new

    return counted


class CountedRoutes:
    def __init__(self, routes: Routes, metrics: Metrics) -> None:
        self._routes = routes
        self._metrics = metrics
        self.choices = routes.choices
        self.only_reads = routes.only_reads
        self.acknowledgement = routes.acknowledgement

    async def event(self, event: Event) -> str:
        outcome = await self._routes.event(event)
        self._metrics.event(type(event).__name__)
        return outcome

    async def press(self, press: Press) -> Answer | None:
        answer = await self._routes.press(press)
        self._metrics.press(press.name)
        return answer


class LedChat:
    """A chat, counted; who lost the lead in the middle of its work writes nothing more.

    Args:
        leads: Asked before each call that people see.
    """

    def __init__(
        self, name: str, chat: Connected, metrics: Metrics, leads: Callable[[], bool]
    ) -> None:
        self._name = name
        self._chat = chat
        self._metrics = metrics
        self._leads = leads

    @property
    def connected(self) -> bool:
        return self._chat.connected

    async def post(self, place: Place, view: View, *, key: str, thread: str = "") -> MessageRef:
        with self._writing("post" if not thread else "say"):
            return await self._chat.post(place, view, key=key, thread=thread)

    async def edit(self, ref: MessageRef, view: View, *, urgent: bool) -> None:
        with self._writing("edit"):
            await self._chat.edit(ref, view, urgent=urgent)

    async def find(
        self, place: Place, *, key: str, since: datetime, thread: str = ""
    ) -> MessageRef | None:
        with self._counted("find"):
            return await self._chat.find(place, key=key, since=since, thread=thread)

    async def open_thread(self, ref: MessageRef, title: str) -> str:
        with self._writing("open_thread"):
            return await self._chat.open_thread(ref, title)

    async def answer(self, press: Press, answer: Answer) -> None:
        with self._writing("answer"):
            await self._chat.answer(press, answer)

    async def member(self, person: Person, *, groups: frozenset[str]) -> Member:
        with self._counted("member"):
            return await self._chat.member(person, groups=groups)

    async def listen(self, receive: Receive) -> None:
        await self._chat.listen(receive)

    @contextmanager
    def _writing(self, call: str) -> Iterator[None]:
        if not self._leads():
            msg = "another process speaks to the chats now"
            raise BusyError(msg, after=ASK_AGAIN)
        with self._counted(call):
            yield

    @contextmanager
    def _counted(self, call: str) -> Iterator[None]:
        began, outcome = time.perf_counter(), "broke"
        try:
            yield
            outcome = "ok"
        except SmokejumperError as error:
            outcome = outcome_of(error)
            raise
        finally:
            lasted = timedelta(seconds=time.perf_counter() - began)
            self._metrics.called(self._name, call, outcome, lasted)


class CountedGitHub(GitHub):
    """GitHub, whose re-runs are counted: they are what must not be done twice."""

    def __init__(self, *, reran: Callable[[str], None], **parts: Any) -> None:  # noqa: ANN401 - as GitHub's own
        super().__init__(**parts)
        self._reran = reran

    async def rerun(self, repo: Repository, run: RunId, *, scope: Scope, debug: bool) -> None:
        outcome = "broke"
        try:
            await super().rerun(repo, run, scope=scope, debug=debug)
            outcome = "ok"
        except SmokejumperError as error:
            outcome = outcome_of(error)
            raise
        finally:
            self._reran(outcome)


def _promise(chat: LedChat, routes: CountedRoutes) -> tuple[Connected, Routes]:
    return chat, routes
