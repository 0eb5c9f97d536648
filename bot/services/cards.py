"""The only one that writes cards: it makes each message and thread say what the rows say."""

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import structlog

from bot.domain.errors import NotFoundError, OperatorError, PermanentError, TransientError
from bot.domain.failure import HISTORY
from bot.domain.grouping import FailedJob
from bot.domain.ids import CardId
from bot.domain.incident import Incident, TimelineEntry
from bot.domain.lane import LaneKind
from bot.domain.person import Platform
from bot.domain.run import Run
from bot.domain.subscription import Subscription
from bot.domain.work import Due
from bot.messages.card import incident_card
from bot.messages.facts import CardFacts, subject
from bot.messages.text import plain
from bot.messages.thread import thread_note
from bot.messages.views import IncidentCard, Mark, Note
from bot.ports.chat import ChatPlatform, MessageRef
from bot.ports.clock import Clock
from bot.ports.rows import (
    Card,
    CardRows,
    CardState,
    DiagnosisRows,
    IncidentRows,
    RepositoryRows,
    RetryRows,
    RunRows,
    TimelineRows,
)
from bot.ports.store import Store
from bot.services.access import AccessRules
from bot.services.scrubbing import scrubbed
from bot.services.telling import REQUEST_TIMEOUT

log = structlog.get_logger()


FORGET_AFTER: Final = timedelta(days=1)  # a card of an ended incident in a channel that is lost


class CardTx(
    CardRows,
    IncidentRows,
    RepositoryRows,
    RunRows,
    DiagnosisRows,
    RetryRows,
    TimelineRows,
    Protocol,
):
    """Rows that a card is drawn from."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A card and all that it should say, read at one moment."""

    card: Card
    facts: CardFacts
    untold: Sequence[TimelineEntry]
    subscription: Subscription | None

    @property
    def thread_title(self) -> str:
        return f"#{self.facts.incident.id} {plain(subject(self.facts))}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line for a thread, and the title of the thread should it have to be opened."""

    note: Note
    key: str
    title: str


class Cards:
    def __init__(
        self,
        store: Store[CardTx],
        platforms: Mapping[Platform, ChatPlatform],
        rules: AccessRules,
        clock: Clock,
    ) -> None:
        self._store = store
        self._platforms = platforms
        self._rules = rules
        self._clock = clock

    async def draw(self, due: Due) -> datetime | None:
        """Post or edit a card, then tell its thread what it has not been told.

        Whoever finds a try without an outcome draws once more a request time-out later, so
        that no late edit of the crashed one can freeze an old state.
        """
        drawing = await self._drawing(CardId(int(due.id)))
        if drawing is None or drawing.card.place.platform not in self._platforms:
            return None
        card, now = drawing.card, self._clock.now()
        unfinished = card.tries > 0
        if unfinished and card.tried_at and now - card.tried_at < REQUEST_TIMEOUT:
            return card.tried_at + REQUEST_TIMEOUT
        try:
            card = await self._show(drawing, unfinished=unfinished)
            card = await self._tell(replace(drawing, card=card), unfinished=unfinished)
        except OperatorError:
            await self._forget(card.id, drawing.facts.incident)
            raise
        except PermanentError:
            await self._amend(card.id, state=CardState.DROPPED)
            raise
        if unfinished and card.message:
            await self._save(replace(card, shown=""))
            return now + REQUEST_TIMEOUT
        return None

    async def _forget(self, card_id: CardId, incident: Incident) -> None:
        """Give up a card that is over in a channel that is lost."""
        if incident.ended_at and self._clock.now() - incident.ended_at > FORGET_AFTER:
            await self._amend(card_id, state=CardState.DROPPED)

    async def _drawing(self, card_id: CardId) -> Drawing | None:
        async with self._store.read() as tx:
            card = await tx.card(card_id)
            if card is None or card.state is CardState.DROPPED:
                return None
            incident = await tx.incident(card.incident)
            if incident is None:
                return None
            repo = await tx.repository(incident.lane.repo)
            run = await tx.run(incident.run, incident.attempt)
            if repo is None or run is None:
                return None
            facts = CardFacts(
                incident=incident,
                repo=repo,
                run=run,
                failed=await _failed(tx, incident),
                retries=tuple(await tx.retries(incident.id)),
            )
            if facts.diagnosis:
                since = self._clock.now() - HISTORY
                fingerprint = facts.diagnosis.fingerprint
                history = await tx.history(repo.id, fingerprint, since=since)
                facts = replace(facts, history=history)
            untold = await tx.timeline(incident.id, after=card.told)
        return Drawing(card, facts, untold, self._rules.hearing(card.place, incident.lane, repo))

    async def _show(self, drawing: Drawing, *, unfinished: bool) -> Card:
        card = drawing.card
        shown = incident_card(drawing.facts) if drawing.subscription else _hidden(drawing.facts)
        view = scrubbed(shown)
        digest = _digest(view)
        if not card.message and drawing.subscription is None:
            return card  # nothing was shown here, and nothing may be
        if card.message and digest == card.shown:
            return card
        platform = self._platforms[card.place.platform]
        if not card.message:
            card = await self._post(card, view, platform, unfinished=unfinished)
        if card.shown == digest:
            return card
        try:
            async with self._acting(card):
                await platform.edit(_ref(card), view)
        except NotFoundError:
            return await self._deleted(card, view, platform, drawing.facts.incident)
        return await self._save(replace(card, shown=digest, tries=0, tried_at=None))

    async def _deleted(
        self, card: Card, view: IncidentCard, platform: ChatPlatform, incident: Incident
    ) -> Card:
        """Post a card anew that somebody deleted while it still mattered."""
        if incident.ended:
            return await self._save(replace(card, state=CardState.DROPPED, tries=0))
        return await self._post(
            replace(card, message="", thread=""), view, platform, unfinished=False
        )

    async def _post(
        self, card: Card, view: IncidentCard, platform: ChatPlatform, *, unfinished: bool
    ) -> Card:
        key = f"card-{card.id}"
        found = await platform.find(card.place, key=key) if unfinished else None
        shown = ""  # what was found shows what was true when it was posted
        if found is None:
            shown = _digest(view)
            async with self._acting(card):
                found = await platform.post(card.place, view, key=key)
        return await self._save(
            replace(
                card,
                message=found.message,
                thread=found.thread or card.thread,
                shown=shown,
                state=CardState.SHOWN,
                tries=0,
                tried_at=None,
            )
        )

    async def _tell(self, drawing: Drawing, *, unfinished: bool) -> Card:
        """Tell the thread line by line; a line told is recorded before the next is sent."""
        card, subscription = drawing.card, drawing.subscription
        if not card.message or subscription is None:
            return card
        for entry in drawing.untold:
            note = thread_note(entry, call=self._called(drawing, subscription))
            if note is not None:
                line = Line(note, key=f"line-{card.id}-{entry.seq}", title=drawing.thread_title)
                card = await self._say(card, line, unfinished=unfinished)
            unfinished = False
            card = await self._save(replace(card, told=entry.seq, tries=0, tried_at=None))
        return card

    async def _say(self, card: Card, line: Line, *, unfinished: bool) -> Card:
        """Say one line; one that a platform will not take is left out, and the card lives on."""
        platform = self._platforms[card.place.platform]
        try:
            card = await self._thread(card, line, platform)
            if unfinished and await platform.find(card.place, key=line.key, thread=card.thread):
                return card
            async with self._acting(card):
                note = scrubbed(line.note)
                await platform.post(card.place, note, key=line.key, thread=card.thread)
        except NotFoundError:
            return await self._say_anew(card, line, platform)
        except PermanentError as error:
            log.error("line_refused", card=card.id, key=line.key, why=str(error))
        return card

    async def _say_anew(self, card: Card, line: Line, platform: ChatPlatform) -> Card:
        """Say a line whose thread somebody deleted, in a new thread if there can be one."""
        try:
            card = await self._thread(replace(card, thread=""), line, platform)
            await platform.post(card.place, scrubbed(line.note), key=line.key, thread=card.thread)
        except PermanentError as error:
            log.error("thread_lost", card=card.id, key=line.key, why=str(error))
        return card

    async def _thread(self, card: Card, line: Line, platform: ChatPlatform) -> Card:
        if card.thread:
            return card
        thread = await platform.open_thread(_ref(card), line.title)
        return await self._save(replace(card, thread=thread))

    def _called(self, drawing: Drawing, subscription: Subscription) -> tuple[str, ...]:
        """Say who is rung: for what one person started, that person alone."""
        incident, platform = drawing.facts.incident, drawing.card.place.platform
        if incident.ended:
            return ()  # the line was late, and nobody is needed any more
        if incident.owner and incident.owner.platform is platform:
            return (incident.owner.key,)
        starter = self._starter(drawing.facts.run, platform)
        if incident.lane.kind is LaneKind.PULL or (
            starter and incident.lane.kind is LaneKind.MANUAL
        ):
            return starter
        return tuple(f"{platform}:{name}" for name in subscription.mention)

    def _starter(self, run: Run, platform: Platform) -> tuple[str, ...]:
        for known in self._rules.people:
            here = known.slack if platform is Platform.SLACK else known.discord
            if here and known.github and known.github.lower() == run.actor.lower():
                return (f"{platform}:user:{here}",)
        return ()

    @asynccontextmanager
    async def _acting(self, card: Card) -> AsyncIterator[None]:
        """Commit that something is about to be sent; what crashes now is looked for first.

        A plain refusal uncounts it: then nothing was done.
        """
        tried = replace(card, tries=card.tries + 1, tried_at=self._clock.now())
        try:
            await self._save(tried)
            yield
        except TransientError as error:
            if isinstance(error, OperatorError) or error.after is not None:
                await self._save(card)
            raise

    async def _amend(self, card_id: CardId, **changes: Any) -> None:  # noqa: ANN401 - fields of Card
        """Change a card as it is stored by now; what led here may have recorded more of it."""
        async with self._store.begin() as tx:
            card = await tx.card(card_id)
            if card is not None:
                await tx.save_card(replace(card, **changes))

    async def _save(self, card: Card) -> Card:
        async with self._store.begin() as tx:
            await tx.save_card(card)
        return card


async def _failed(tx: CardTx, incident: Incident) -> tuple[FailedJob, ...]:
    return tuple(
        FailedJob(name=one.job_name, step=one.step, diagnosis=one.diagnosis)
        for one in await tx.diagnoses(incident.run, incident.attempt)
    )


def _hidden(facts: CardFacts) -> IncidentCard:
    """Take back what a channel may not see any more."""
    return IncidentCard(
        mark=Mark.OVER,
        headline=(f"#{facts.incident.id} is hidden: this channel may not see it any more.",),
    )


def _digest(view: IncidentCard) -> str:
    """Tell two drawings of a card apart; views are values, so their text is their identity."""
    return hashlib.blake2b(repr(view).encode(), digest_size=12).hexdigest()


def _ref(card: Card) -> MessageRef:
    return MessageRef(place=card.place, message=card.message, thread=card.thread)
