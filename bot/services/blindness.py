"""The times in which we heard nothing: begun, ended, counted, and said once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.domain.hearing import HearingPolicy
from bot.domain.ids import NoticeId
from bot.domain.run import Repository
from bot.domain.subscription import Place, first_of_each
from bot.domain.work import DueKind
from bot.messages.blindness import blind_note
from bot.messages.views import Note
from bot.ports.hearing import Blind, Cursor, HearingRows
from bot.ports.notices import Notice, NoticeKind, NoticeRows
from bot.ports.rows import DueRows, RepositoryRows
from bot.services.telling import draw_notice

ANSWERS_COME_IN: Final = timedelta(minutes=2)  # what is redelivered takes a while to arrive
LOOK_AGAIN: Final = timedelta(seconds=30)
SAY_ANYWAY: Final = timedelta(minutes=30)  # GitHub may be down itself
LIFE: Final = "life"
RUNS: Final = "runs:"
HOOK: Final = "hook:"


class BlindRows(HearingRows, RepositoryRows, NoticeRows, DueRows, Protocol):
    """Rows that blind times touch."""


async def covered(tx: HearingRows, *, since: datetime, until: datetime) -> bool:
    """Whether a time without hearing is known already, from whatever source.

    Who asks holds the row of our own life, so that two do not record the same time at once.
    """
    await tx.cursor(LIFE)
    return any(
        blind.since <= since + ANSWERS_COME_IN
        and (blind.until is None or until <= blind.until + ANSWERS_COME_IN)
        for blind in await tx.blinds(since=since)
    )


async def end_blind(tx: BlindRows, blind: Blind, *, until: datetime, now: datetime) -> None:
    """Record that we hear again; it is said once what was missed is known."""
    await tx.save_blind(replace(blind, until=max(until, blind.since)))
    row = f"blind:{blind.id}"
    await tx.due(DueKind.RECONCILE, row, key=f"reconcile:{row}", at=now + ANSWERS_COME_IN)


async def say_blind(
    tx: BlindRows, blind_id: int, policy: HearingPolicy, *, now: datetime
) -> datetime | None:
    """Count what was recovered, and tell each channel; return when to look again."""
    blind = await tx.blind(blind_id)
    if blind is None or blind.until is None or blind.said_at:
        return None
    repos = [repo for repo in await tx.repositories() if policy.hears(repo)]
    if now - blind.until < SAY_ANYWAY and not await _is_known(tx, blind.until, repos):
        return now + LOOK_AGAIN
    known = {repo.id for repo in repos}
    found = [one for one in await tx.recovered(blind) if one.repo in known]
    runs, failures = sum(one.runs for one in found), sum(one.failures for one in found)
    await tx.save_blind(replace(blind, runs=runs, failures=failures, said_at=now))
    if blind.until - blind.since >= policy.say_blind_after:
        for subscription in first_of_each(policy.subscriptions):
            if any(subscription.reaches(repo) for repo in repos):
                await _tell(tx, blind, subscription.place, now=now)
    return None


async def _is_known(tx: BlindRows, until: datetime, repos: Sequence[Repository]) -> bool:
    """Whether everyone was asked since then, and all that they told was judged."""
    asked = {cursor.name: cursor for cursor in await tx.cursors(RUNS)}
    hooks = await tx.cursors(HOOK)
    of_repos = [asked.get(f"{RUNS}{repo.id}") for repo in repos]
    return all(_asked(cursor, until) for cursor in [*of_repos, *hooks]) and not (
        await tx.retold_waits(since=until)
    )


def _asked(cursor: Cursor | None, until: datetime) -> bool:
    return cursor is not None and cursor.asked_at is not None and cursor.asked_at >= until


async def _tell(tx: BlindRows, blind: Blind, place: Place, *, now: datetime) -> None:
    wish = Notice(
        id=NoticeId(0),  # the store gives the next one
        kind=NoticeKind.BLIND,
        source=str(blind.id),
        place=place,
        opened_at=now,
        closed_at=now,
    )
    notice = await tx.want_notice(wish)
    await draw_notice(tx, notice.id, at=now)


async def note_of_blind(
    tx: HearingRows, notice: Notice, repos: Sequence[Repository]
) -> Note | None:
    """Return what a channel reads of a blind time.

    Args:
        repos: Those that the channel may know of; only their runs are counted.
    """
    blind = await tx.blind(int(notice.source))
    if blind is None or blind.until is None:
        return None
    known = {repo.id for repo in repos}
    found = [one for one in await tx.recovered(blind) if one.repo in known]
    return blind_note(
        since=blind.since,
        until=blind.until,
        runs=sum(one.runs for one in found),
        failures=sum(one.failures for one in found),
    )
