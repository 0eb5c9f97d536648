"""The only one that writes cards: it makes each message and thread say what the rows say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import structlog

from bot.domain.errors import NotFoundError, OperatorError, PermanentError
from bot.domain.failure import HISTORY
from bot.domain.grouping import FailedJob
from bot.domain.ids import CardId
from bot.domain.incident import Fact, Incident, TimelineEntry
from bot.domain.lane import LaneKind
from bot.domain.person import Platform
from bot.domain.run import Run
from bot.domain.subscription import Subscription
from bot.domain.work import Due
from bot.messages.card import incident_card
from bot.messages.facts import CardFacts, subject
from bot.messages.text import plain
from bot.messages.thread import UNTOLD, thread_note
from bot.messages.views import IncidentCard, Mark, Note
from bot.ports.chat import ChatPlatform, MessageRef
from bot.ports.clock import Clock
from bot.ports.notices import Notice, NoticeRows
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
from bot.services.drawing import Drawer
from bot.services.scrubbing import scrubbed
from bot.services.telling import REQUEST_TIMEOUT

log = structlog.get_logger()

FORGET_AFTER: Final = timedelta(days=1)  # a card of an ended incident in a channel that is lost
NOT_ON_SCREEN: Final = frozenset({CardState.DROPPED, CardState.HELD})
PRESSING: Final = frozenset(  # what somebody looks for at once; other edits may wait their turn
    {Fact.ACKNOWLEDGED, Fact.CALLED, Fact.ENDED, Fact.REOPENED, Fact.RETRY_SENT}
)


class CardTx(
    CardRows,
    IncidentRows,
    RepositoryRows,
    RunRows,
    DiagnosisRows,
    RetryRows,
    TimelineRows,
    NoticeRows,
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
    digest: Notice | None
    """The one that told of it, should it have been one of many."""

    @property
    def key(self) -> str:
        return f"card-{self.card.id}"

    @property
    def urgent(self) -> bool:
        return self.facts.incident.ended or any(one.kind in PRESSING for one in self.untold)

    @property
    def called_by_digest(self) -> bool:
        """Whether its digest calls people, once for all that broke in that storm."""
        if self.digest is None:
            return False
        over_at = self.digest.closed_at
        return over_at is None or self.facts.incident.red_since <= over_at

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
        *,
        patience: timedelta = REQUEST_TIMEOUT,
    ) -> None:
        self._store = store
        self._platforms = platforms
        self._rules = rules
        self._clock = clock
        self._drawer = Drawer(platforms, clock, patience=patience, save=self._save)

    async def draw(self, due: Due) -> datetime | None:
        """Post or edit a card, then tell its thread what it has not been told.

        Whoever finds a try without an outcome draws once more a request time-out later, so
        that no late edit of the crashed one can freeze an old state.
        """
        drawing = await self._drawing(CardId(int(due.id)))
        if drawing is None or drawing.card.place.platform not in self._platforms:
            return None
        card = drawing.card
        if (until := await self._drawer.wait(card)) is not None:
            return until
        unfinished = card.tries > 0
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
            return await self._drawer.look_once_more(card)
        return None

    async def _forget(self, card_id: CardId, incident: Incident) -> None:
        """Give up a card that is over in a channel that is lost."""
        if incident.ended_at and self._clock.now() - incident.ended_at > FORGET_AFTER:
            await self._amend(card_id, state=CardState.DROPPED)

    async def _drawing(self, card_id: CardId) -> Drawing | None:
        async with self._store.read() as tx:
            card = await tx.card(card_id)
            if card is None or card.state in NOT_ON_SCREEN:
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
                unknown=incident.is_unknown(self._clock.now()),
            )
            if facts.diagnosis:
                since = self._clock.now() - HISTORY
                fingerprint = facts.diagnosis.fingerprint
                history = await tx.history(repo.id, fingerprint, since=since)
                facts = replace(facts, history=history)
            story = await tx.timeline(incident.id, after=card.told)
            untold = [entry for entry in story if entry.kind not in UNTOLD]
            digest = await tx.notice(card.notice) if card.notice else None
        subscription = self._rules.hearing(card.place, incident.lane, repo)
        return Drawing(card, facts, untold, subscription, digest)

    async def _show(self, drawing: Drawing, *, unfinished: bool) -> Card:
        card = drawing.card
        if not card.message and drawing.subscription is None:
            return card  # nothing was shown here, and nothing may be
        shown = incident_card(drawing.facts) if drawing.subscription else _hidden(drawing.facts)
        view = scrubbed(shown)
        card = await self._drawer.post(card, view, key=drawing.key, unfinished=unfinished)
        try:
            # What was unfinished may be a line of the thread, which is looked for after this.
            return await self._drawer.edit(card, view, urgent=drawing.urgent, unfinished=unfinished)
        except NotFoundError:
            return await self._deleted(replace(drawing, card=card), view)

    async def _deleted(self, drawing: Drawing, view: IncidentCard) -> Card:
        """Post a card anew that somebody deleted while it still mattered."""
        card = drawing.card
        if drawing.facts.incident.ended:
            return await self._save(replace(card, state=CardState.DROPPED, tries=0))
        anew = replace(card, message="", thread="")
        return await self._drawer.post(anew, view, key=drawing.key, unfinished=False)

    async def _tell(self, drawing: Drawing, *, unfinished: bool) -> Card:
        """Tell the thread line by line; a line told is recorded before the next is sent."""
        card, subscription = drawing.card, drawing.subscription
        if not card.message or subscription is None:
            return card
        for entry in drawing.untold:
            note = thread_note(entry, call=self._called(drawing, subscription))
            if note is not None:
                line = Line(note, key=f"line-{card.id}-{entry.seq}", title=drawing.thread_title)
                # Lines are told in order: where one is missing, those after it are too. A crash
                # leaves one that may be there, a restore many.
                card, unfinished = await self._say(card, line, unfinished=unfinished)
            told = replace(card, told=entry.seq)
            card = await self._save(told if unfinished else replace(told, tries=0, tried_at=None))
        return card

    async def _say(self, card: Card, line: Line, *, unfinished: bool) -> tuple[Card, bool]:
        """Say one line; one that a platform will not take is left out, and the card lives on.

        Returns the card, and whether the line was found there instead.
        """
        platform = self._platforms[card.place.platform]
        try:
            card = await self._thread(card, line, platform)
            if unfinished and await self._drawer.find(card, key=line.key, thread=card.thread):
                return card, True
            async with self._drawer.acting(card):
                note = scrubbed(line.note)
                await platform.post(card.place, note, key=line.key, thread=card.thread)
        except NotFoundError:
            return await self._say_anew(card, line, platform), False
        except PermanentError as error:
            log.error("line_refused", card=card.id, key=line.key, why=str(error))
        return card, False

    async def _say_anew(self, card: Card, line: Line, platform: ChatPlatform) -> Card:
        """Say a line whose thread somebody deleted, in a new thread if there can be one."""
        try:
            card = await self._thread(replace(card, thread=""), line, platform)
            async with self._drawer.acting(card):
                note = scrubbed(line.note)
                await platform.post(card.place, note, key=line.key, thread=card.thread)
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
        if drawing.called_by_digest:
            return ()
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

    async def _amend(self, card_id: CardId, **changes: Any) -> None:  # noqa: ANN401 - fields of Card
        """Change a card as it is stored by now; what led here may have recorded more of it."""
        async with self._store.begin() as tx:
            card = await tx.card(card_id)
            if card is not None:
                await tx.save_card(replace(card, **changes))

    async def _save(self, card: Card) -> Card:
        if card.message and card.state is CardState.WANTED:
            card = replace(card, state=CardState.SHOWN)
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


def _ref(card: Card) -> MessageRef:
    return MessageRef(place=card.place, message=card.message, thread=card.thread)
