"""What several use cases write down: a fact in the timeline, cards to draw, an end."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.domain.ids import NoticeId
from bot.domain.incident import Ending, Fact, Incident, TimelineEntry
from bot.domain.retry import Retry, RetryState
from bot.domain.work import DueKind
from bot.messages import story
from bot.ports.rows import (
    Card,
    CardRows,
    CardState,
    DueRows,
    IncidentRows,
    RetryRows,
    TimelineRows,
)

REQUEST_TIMEOUT: Final = timedelta(seconds=30)  # after it, an unanswered request has acted or not
MERGE_EDITS: Final = timedelta(seconds=10)  # one edit where several would follow each other
MERGE_UNDER_LOAD: Final = timedelta(seconds=45)
UNDER_LOAD: Final = 30  # cards that wait; Slack takes 50 edits a minute from a whole workspace


class Showing(CardRows, DueRows, Protocol):
    """Rows that a card needs to be drawn anew."""


class Ends(IncidentRows, TimelineRows, RetryRows, Showing, Protocol):
    """Rows that an end touches."""


def entry(  # noqa: PLR0913 - a timeline line has that many parts
    incident: Incident, kind: Fact, *, source: str, at: datetime, what: str = "", who: str = ""
) -> TimelineEntry:
    return TimelineEntry(incident=incident.id, kind=kind, source=source, at=at, who=who, what=what)


async def show(tx: Showing, incident: Incident, *, at: datetime, merge: bool = True) -> None:
    """Want every card of an incident drawn anew, and the digests that count it.

    Args:
        merge: Wait for what else may change; endings and a person's own press do not wait.
    """
    later = at + await merging(tx)
    for card in await tx.cards(incident.id):
        if card.notice is not None:
            await draw_notice(tx, card.notice, at=later)
        if card.state is not CardState.HELD:
            await draw_card(tx, card, at=later if merge and card.message else at)


async def merging(tx: CardRows) -> timedelta:
    """Return how long an edit waits for others, which is longer where many cards wait."""
    waiting = await tx.cards_waiting(most=UNDER_LOAD)
    return MERGE_EDITS if waiting < UNDER_LOAD else MERGE_UNDER_LOAD


async def draw_card(tx: DueRows, card: Card, *, at: datetime) -> None:
    await tx.due(DueKind.CARD, str(card.id), key=f"card:{card.id}", at=at)


async def draw_notice(tx: DueRows, notice: NoticeId, *, at: datetime) -> None:
    await tx.due(DueKind.NOTICE, str(notice), key=f"notice:{notice}", at=at)


async def want(tx: DueRows, incident: Incident, kind: DueKind, *, at: datetime) -> None:
    """Want one of the works that go on per incident, one at a time."""
    await tx.due(kind, str(incident.id), key=f"incident:{incident.id}", at=at)


async def end(  # noqa: PLR0913 - what ended, how, by whom, when and by which press
    tx: Ends, incident: Incident, how: Ending, *, by: str, at: datetime, source: str = ""
) -> Incident:
    """End an incident and its waiting retries; one that has ended stays as it is."""
    if incident.ended:
        return incident
    ended = incident.end(how, by=by, at=at)
    await tx.save_incident(ended)
    await tx.tell(
        entry(
            ended,
            Fact.ENDED,
            source=source or at.isoformat(),
            at=at,
            what=story.ended(how, by=by),
        )
    )
    for retry in await tx.retries(incident.id):
        if retry.state is RetryState.WAITING:
            await drop(tx, retry, incident, why="the incident has ended", at=at)
    for kind in (DueKind.DIAGNOSIS, DueKind.WATCH, DueKind.GREEN, DueKind.GONE):
        await tx.not_due(kind, str(incident.id))
    await show(tx, ended, at=at, merge=False)
    return ended


class Drops(RetryRows, TimelineRows, DueRows, Protocol):
    """Rows that a dropped retry touches."""


async def drop(tx: Drops, retry: Retry, incident: Incident, *, why: str, at: datetime) -> None:
    """Give up a waiting retry, visibly."""
    await tx.save_retry(replace(retry, state=RetryState.DROPPED, outcome=why))
    await tx.not_due(DueKind.RETRY, str(retry.id))
    await tx.tell(
        entry(
            incident, Fact.RETRY_DROPPED, source=str(retry.id), at=at, who=retry.who, what=f"{why}."
        )
    )
