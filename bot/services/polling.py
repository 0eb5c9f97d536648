"""Asks GitHub for a repository's runs: every minute where nothing is pushed to us, else hourly."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.domain.errors import BusyError, NotFoundError, PermanentError
from bot.domain.events import Delivery
from bot.domain.hearing import HearingPolicy, News, news, pace
from bot.domain.ids import RepoId
from bot.domain.run import Repository, Run, Status
from bot.domain.work import Due
from bot.ports.clock import Clock
from bot.ports.code_host import CodeHost, RunList
from bot.ports.hearing import Cursor
from bot.ports.purpose import Purpose, asking_for, present_purpose
from bot.ports.retelling import Retelling
from bot.ports.rows import DeliveryRows
from bot.ports.store import Store
from bot.services.blindness import RUNS, BlindRows, covered, end_blind

HOURLY: Final = timedelta(hours=1)
OVERLAP: Final = timedelta(minutes=10)  # clocks differ, and lists show some runs later than others
BUSY_FOR: Final = timedelta(minutes=30)
WATCHED_RUNS: Final = 3  # of a repository, whose jobs are looked at while they run
AFTER_HISTORY: Final = timedelta(seconds=1)
POLLED: Final = "polling"
MISSED_POLLS: Final = 3


class PollTx(DeliveryRows, BlindRows, Protocol):
    """Rows that polling touches."""


class Polling:
    def __init__(
        self,
        store: Store[PollTx],
        code_host: CodeHost,
        retelling: Retelling,
        clock: Clock,
        policy: HearingPolicy,
    ) -> None:
        self._store = store
        self._code_host = code_host
        self._retelling = retelling
        self._clock = clock
        self._policy = policy

    async def poll(self, due: Due) -> datetime | None:
        """Take in what is new of one repository; a list that has not changed costs nothing.

        Where nothing is pushed to us, these questions are how we hear, and can't wait.
        """
        only_ear = self._policy.polls and not self._policy.webhooks
        with asking_for(Purpose.TRIAGE if only_ear else present_purpose()):
            return await self._poll(due)

    async def _poll(self, due: Due) -> datetime | None:
        now = self._clock.now()
        async with self._store.read() as tx:
            repo = await tx.repository(RepoId(int(due.id)))
            cursors = await tx.cursors(RUNS)
        if repo is None or not self._policy.hears(repo):
            return None
        cursor = _cursor_of(repo, cursors, now)
        try:
            listed = await self._code_host.runs_since(
                repo, since=_heard_until(cursor), etag=cursor.etag
            )
        except NotFoundError:
            return now + _jittered(HOURLY)  # whether what broke there is gone is asked elsewhere
        async with self._store.begin() as tx:
            await self._take_in(tx, repo, cursor, listed)
        every = self._every(cursors, now)
        if self._policy.polls and every <= self._policy.poll_every:
            await self._look_at_running(repo)
        return now + _jittered(every)

    def _every(self, cursors: Sequence[Cursor], now: datetime) -> timedelta:
        if not self._policy.polls:
            return HOURLY
        return pace(self._policy.poll_every, busy=busy(cursors, now))

    async def _take_in(
        self, tx: PollTx, repo: Repository, cursor: Cursor, listed: RunList | None
    ) -> None:
        now = self._clock.now()
        moved = replace(cursor, asked_at=now)
        if listed is not None:
            known = await tx.known_runs({run.id for run in listed.runs})
            new = news(listed.runs, known=known, heard_until=_heard_until(cursor))
            await tx.take_in(self._retold(repo, new, now=now))
            newest = max([cursor.heard_until, *(run.updated_at for run in listed.runs)])
            moved = replace(moved, heard_until=newest, etag=listed.etag)
        if self._policy.polls and not self._policy.webhooks:
            await self._notice_gap(tx, cursor, now=now)
        await tx.save_cursor(moved)

    def _retold(
        self, repo: Repository, found: Sequence[News], *, now: datetime
    ) -> Sequence[Delivery]:
        """Return news as deliveries: what is only history first, so that reds are counted right."""
        later = now + AFTER_HISTORY if any(one.outdated for one in found) else now
        return [
            self._retelling.run(
                repo, one.run, at=now if one.outdated else later, outdated=one.outdated
            )
            for one in found
        ]

    async def _notice_gap(self, tx: PollTx, cursor: Cursor, *, now: datetime) -> None:
        """Record that GitHub did not answer for a while, unless it is known already."""
        last = cursor.asked_at
        longest = MISSED_POLLS * pace(self._policy.poll_every, busy=busy([cursor], now))
        if last is None or now - last < max(longest, self._policy.say_blind_after):
            return
        if not await covered(tx, since=last, until=now):
            blind = await tx.open_blind(POLLED, since=last)
            await end_blind(tx, blind, until=now, now=now)

    async def _look_at_running(self, repo: Repository) -> None:
        """Tell of jobs that failed while their run still goes on, as webhooks would."""
        now = self._clock.now()
        async with self._store.read() as tx:
            unfinished = await tx.unfinished_runs(before=now, most=WATCHED_RUNS, repo=repo.id)
        for run in unfinished:
            if run.status is Status.RUNNING:
                red = await self._red_jobs(repo, run)
                async with self._store.begin() as tx:
                    await tx.take_in(red)

    async def _red_jobs(self, repo: Repository, run: Run) -> Sequence[Delivery]:
        try:
            jobs = await self._code_host.jobs(repo, run.id)
        except (BusyError, PermanentError):
            return []  # their run will tell
        now = self._clock.now()
        return [
            self._retelling.job(repo, job, at=now)
            for job in jobs
            if job.red and job.attempt == run.attempt
        ]


def busy(cursors: Sequence[Cursor], now: datetime) -> int:
    """Count the repositories in which something happened lately: only those cost."""
    return sum(now - one.heard_until < BUSY_FOR for one in cursors)


def _cursor_of(repo: Repository, cursors: Sequence[Cursor], now: datetime) -> Cursor:
    """Return how far a repository was heard; a new one is heard from now on.

    Never further than now: the clock may have been ahead, and what ends until then is news.
    """
    name = f"{RUNS}{repo.id}"
    new = Cursor(name=name, heard_until=now)
    cursor = next((one for one in cursors if one.name == name), new)
    return replace(cursor, heard_until=min(cursor.heard_until, now))


def _heard_until(cursor: Cursor) -> datetime:
    """Return since when what has ended may be news."""
    is_new = cursor.asked_at is None
    return cursor.heard_until if is_new else cursor.heard_until - OVERLAP


def _jittered(wait: timedelta) -> timedelta:
    return wait * random.uniform(0.95, 1.05)  # noqa: S311 - jitter, not a secret
