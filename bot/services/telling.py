"""What several use cases write down: a fact in the timeline, cards to draw, an end."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.domain.incident import Ending, Fact, Incident, TimelineEntry
from bot.domain.retry import Retry, RetryState
from bot.domain.subscription import Subscription
from bot.domain.work import DueKind
from bot.messages import story
from bot.ports.rows import CardRows, CardState, DueRows, IncidentRows, RetryRows, TimelineRows

REQUEST_TIMEOUT: Final = timedelta(seconds=30)  # after it, an unanswered request has acted or not
MERGE_EDITS: Final = timedelta(seconds=10)  # one edit where several would follow each other


class Showing(CardRows, DueRows, Protocol):
    """Rows that a card needs to be drawn anew."""


class Ends(IncidentRows, TimelineRows, RetryRows, Showing, Protocol):
    """Rows that an end touches."""


def entry(  # noqa: PLR0913 - a timeline line has that many parts
    incident: Incident, kind: Fact, *, source: str, at: datetime, what: str = "", who: str = ""
) -> TimelineEntry:
    return TimelineEntry(incident=incident.id, kind=kind, source=source, at=at, who=who, what=what)


async def open_cards(
    tx: Showing, incident: Incident, audience: Iterable[Subscription], *, at: datetime
) -> None:
    """Want one card in each channel that hears of it."""
    for subscription in audience:
        card = await tx.want_card(incident.id, subscription.place)
        if card.state is CardState.DROPPED:
            card = replace(card, state=CardState.WANTED, message="", thread="", shown="", tries=0)
            await tx.save_card(card)
        await tx.due(DueKind.CARD, str(card.id), key=f"card:{card.id}", at=at)


async def show(tx: Showing, incident: Incident, *, at: datetime, merge: bool = True) -> None:
    """Want every card of an incident drawn anew.

    Args:
        merge: Wait for what else may change; endings and a person's own press do not wait.
    """
    for card in await tx.cards(incident.id):
        when = at + MERGE_EDITS if merge and card.message else at
        await tx.due(DueKind.CARD, str(card.id), key=f"card:{card.id}", at=when)


async def want(tx: DueRows, incident: Incident, kind: DueKind, *, at: datetime) -> None:
    """Want one of the works that go on per incident, one at a time."""
    await tx.due(kind, str(incident.id), key=f"incident:{incident.id}", at=at)


async def end(tx: Ends, incident: Incident, how: Ending, *, by: str, at: datetime) -> Incident:
    """End an incident and its waiting retries; one that has ended stays as it is."""
    if incident.ended:
        return incident
    ended = incident.end(how, by=by, at=at)
    await tx.save_incident(ended)
    await tx.tell(
        entry(ended, Fact.ENDED, source=at.isoformat(), at=at, what=story.ended(how, by=by))
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
