"""Opens what came in, deliveries and presses, and hands it to the router."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

import structlog

from bot.domain.errors import PermanentError
from bot.domain.events import Delivery, Event
from bot.domain.ids import DeliveryId, PressId
from bot.domain.incident import Fact
from bot.domain.person import Platform
from bot.domain.press import STALE_AFTER, Press, PressKind
from bot.domain.work import Due, DueKind
from bot.messages import story
from bot.messages.answers import too_late
from bot.messages.text import plain
from bot.messages.views import Answer, Choices
from bot.ports.chat import Acknowledgement, ChatPlatform
from bot.ports.clock import Clock
from bot.ports.rows import DeliveryRows, IncidentRows, PressRows, TimelineRows
from bot.ports.store import Store
from bot.services.scrubbing import scrubbed
from bot.services.telling import Showing, entry, show

log = structlog.get_logger()


class InboxTx(DeliveryRows, PressRows, IncidentRows, TimelineRows, Showing, Protocol):
    """Rows that come in."""


class Routes(Protocol):
    """The router, as far as the inbox needs it."""

    async def event(self, event: Event) -> str: ...

    async def press(self, press: Press) -> Answer | None: ...

    async def choices(self, press: Press) -> Choices: ...

    def only_reads(self, press: Press) -> bool: ...

    def acknowledgement(self, press: Press) -> Acknowledgement: ...


ReadEvent = Callable[[Delivery], Event]


class Inbox:
    def __init__(
        self,
        store: Store[InboxTx],
        routes: Routes,
        read_event: ReadEvent,
        platforms: Mapping[Platform, ChatPlatform],
        clock: Clock,
    ) -> None:
        self._store = store
        self._routes = routes
        self._read_event = read_event
        self._platforms = platforms
        self._clock = clock

    async def open_delivery(self, due: Due) -> datetime | None:
        """Hand a stored delivery to its handler; one that can't be read is set aside."""
        async with self._store.read() as tx:
            delivery = await tx.delivery(DeliveryId(due.id))
        if delivery is None:
            return None
        try:
            outcome = await self._routes.event(self._read_event(delivery))
        except PermanentError as error:
            log.warning("delivery_set_aside", id=delivery.id, why=str(error))
            await self._set_aside(delivery.id, str(error))
            return None
        log.info(
            "delivery_done",
            id=delivery.id,
            github_event=delivery.event,
            repo=delivery.repo,
            outcome=outcome,
        )
        async with self._store.begin() as tx:
            await tx.delivery_done(delivery.id, at=self._clock.now(), outcome=outcome)
        return None

    async def gave_up(self, due: Due, why: str) -> None:
        """Set a delivery aside that a bug of ours broke again and again."""
        await self._set_aside(DeliveryId(due.id), why)

    async def _set_aside(self, id: DeliveryId, why: str) -> None:
        async with self._store.begin() as tx:
            await tx.delivery_set_aside(id, at=self._clock.now(), error=why)

    async def receive(self, press: Press) -> Acknowledgement | Choices:
        """Store a press before it is acknowledged; choices are only looked up."""
        if press.kind is PressKind.CHOICES:
            return await self._routes.choices(press)
        in_order = press.target is not None and not self._routes.only_reads(press)
        key = f"press:{press.target.incident if in_order and press.target else press.id}"
        async with self._store.begin() as tx:
            if await tx.new_press(press):
                await tx.due(DueKind.PRESS, press.id, key=key, at=self._clock.now())
        return self._routes.acknowledgement(press)

    async def _say_that_it_was_missed(self, press: Press) -> None:
        """Tell the thread: the presser's own answer may be too old to arrive."""
        if press.target is None:
            return
        now = self._clock.now()
        async with self._store.begin() as tx:
            incident = await tx.incident(press.target.incident)
            if incident is None:
                return
            what = story.press_missed(press.by.name or press.by.id, press.name)
            await tx.tell(entry(incident, Fact.MISSED, source=press.id, at=now, what=what))
            await show(tx, incident, at=now)

    async def _act(self, press: Press) -> Answer | None:
        """Act on a press, and remember what to answer: answering may fail and be repeated."""
        answer = await self._routes.press(press)
        # Where the answer holds more than words, nothing was done but to look something up.
        if answer and not (answer.rows or answer.buttons or answer.file or answer.links):
            async with self._store.begin() as tx:
                await tx.press_acted(press.id, answer=plain(answer.text))
        return answer

    async def open_press(self, due: Due) -> datetime | None:
        """Act on a press and answer it; one that waited too long is not acted on."""
        async with self._store.read() as tx:
            press = await tx.press(PressId(due.id))
            if press is None or await tx.press_is_done(press.id):
                return None  # done means answered: we crashed between that and the end of its row
        platform = self._platforms.get(press.place.platform)
        if platform is None:
            await self._cross_off(press, "its platform is not set up any more")
            return None
        async with self._store.read() as tx:
            told = await tx.press_answer(press.id)
        late = told is None and self._clock.now() - press.received_at > STALE_AFTER
        if told is not None:
            answer: Answer | None = Answer(text=(told,))
        elif late:
            await self._say_that_it_was_missed(press)
            answer = too_late()
        else:
            answer = await self._act(press)
        outcome = "too late" if late else "done"
        if answer is not None:
            try:
                await platform.answer(press, scrubbed(answer))
            except PermanentError as error:
                outcome = f"{outcome}, not answered: {error}"
        await self._cross_off(press, outcome)
        return None

    async def _cross_off(self, press: Press, outcome: str) -> None:
        async with self._store.begin() as tx:
            await tx.press_done(press.id, at=self._clock.now(), outcome=outcome)
