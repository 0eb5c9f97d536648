"""What the end of an attempt means for the retries that wait for it, or led to it."""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from bot.domain.incident import Fact
from bot.domain.retry import RetryState
from bot.domain.run import Run
from bot.domain.work import DueKind
from bot.messages import story
from bot.services.calling import call
from bot.services.telling import Ends, entry, show


class AttemptRows(Ends, Protocol):
    """Rows that the end of an attempt touches."""


async def attempt_ended(tx: AttemptRows, run: Run, *, now: datetime) -> None:
    """Carry out what was asked for meanwhile; end the retry whose attempt came to nothing."""
    await _wake(tx, run, now=now)
    await _give_up(tx, run, now=now)


async def _wake(tx: AttemptRows, run: Run, *, now: datetime) -> None:
    """Carry out what was asked for while the run still ran."""
    retry = await tx.live_retry(run.id, run.attempt)
    if retry and retry.state is RetryState.WAITING and retry.by:
        await tx.due(DueKind.RETRY, str(retry.id), key=f"retry:{retry.id}", at=now)


async def _give_up(tx: AttemptRows, run: Run, *, now: datetime) -> None:
    """End a retry whose attempt was cancelled, so that another may be asked for."""
    retry = await tx.live_retry(run.id, run.attempt - 1)
    if retry is None or run.red or run.green or retry.state is RetryState.WAITING:
        return
    incident = await tx.incident(retry.incident)
    if incident is None or incident.ended:
        return
    why = story.attempt_ended(run.attempt, run.conclusion or "without a result")
    await tx.save_retry(replace(retry, state=RetryState.DROPPED, outcome=why))
    source = f"{run.id}/{run.attempt}"
    what = story.retry_came_to_nothing(why, who=retry.who)
    await tx.tell(entry(incident, Fact.RETRY_FAILED, source=source, at=now, what=what))
    incident = replace(incident, outlook=why)
    if retry.by is None:
        incident = await call(tx, incident, what, at=now)
    await tx.save_incident(incident)
    await show(tx, incident, at=now, merge=False)
