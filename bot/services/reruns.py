"""Carrying out a retry: re-run the original run, once, if it still makes sense."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.domain.access import Right
from bot.domain.errors import AlreadyRunningError, OperatorError, PermanentError, TransientError
from bot.domain.ids import RetryId
from bot.domain.incident import Fact, Incident
from bot.domain.release import supersedes
from bot.domain.retry import GITHUB_AGE, LIVE, Retry, RetryState
from bot.domain.run import Repository, Run, Status
from bot.domain.work import Due, DueKind
from bot.messages import story
from bot.messages.text import sentence
from bot.ports.clock import Clock
from bot.ports.code_host import CodeHost
from bot.ports.rows import RepositoryRows
from bot.ports.store import Store
from bot.services.access import Access
from bot.services.attempts import attempt_ended
from bot.services.calling import call
from bot.services.judging import Judge, JudgingRows
from bot.services.telling import REQUEST_TIMEOUT, Ends, drop, entry, show

FOLLOW_EVERY: Final = timedelta(hours=1)
LOOK_AGAIN: Final = timedelta(minutes=10)  # at a run that still runs; its delivery may be lost


class RerunTx(RepositoryRows, JudgingRows, Protocol):
    """Rows that a re-run touches."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A waiting retry with what it is about."""

    retry: Retry
    incident: Incident
    repo: Repository
    known: Run
    """The failed attempt as our rows have it."""
    newest: Run
    """The newest run of the lane."""
    newer_release: str


@dataclass(frozen=True, slots=True)
class Send:
    """Ask GitHub now."""


@dataclass(frozen=True, slots=True)
class Wait:
    until: datetime


@dataclass(frozen=True, slots=True)
class Drop:
    why: str


@dataclass(frozen=True, slots=True)
class Settle:
    """The attempt that was wished for is there already."""

    state: RetryState
    outcome: str


def next_step(wish: Wish, run: Run, *, now: datetime) -> Send | Wait | Drop | Settle:
    """Decide what to do about a wish, given the newest attempt of its run on GitHub."""
    retry = wish.retry
    if why := _pointless(wish, now=now):
        return Drop(why)
    if run.attempt > retry.attempt and retry.tries:
        return Settle(RetryState.SENT, f"attempt {retry.attempt + 1}")
    if run.attempt > retry.attempt:
        who = run.triggering_actor or "Somebody"
        return Settle(RetryState.DONE_ELSEWHERE, f"{who} re-ran it on GitHub")
    if run.status is not Status.COMPLETED:
        return Wait(now + LOOK_AGAIN)
    if run.green:
        return Drop("the run ended green")
    return Send()


def _pointless(wish: Wish, *, now: datetime) -> str:
    """Say why the wish has lost its sense; empty while it has not."""
    if wish.incident.ended:
        return "the incident has ended"
    if now - wish.known.created_at >= GITHUB_AGE:
        return "GitHub re-runs nothing older than 30 days"
    if wish.retry.confirmed:
        return ""
    if wish.newest.number > wish.known.number:
        return f"run #{wish.newest.number} is newer"
    if wish.newer_release:
        return f"release {wish.newer_release} is newer"
    return ""


class Reruns:
    """Commits a try before each request, so that after a crash it looks before it repeats."""

    def __init__(  # noqa: PLR0913 - whom a re-run asks
        self,
        store: Store[RerunTx],
        code_host: CodeHost,
        access: Access,
        judge: Judge,
        clock: Clock,
        *,
        patience: timedelta = REQUEST_TIMEOUT,
    ) -> None:
        self.patience = patience
        self._store = store
        self._judge = judge
        self._code_host = code_host
        self._access = access
        self._clock = clock

    async def carry_out(self, due: Due) -> datetime | None:
        """Re-run what was wished for, with the right checked once more."""
        wish = await self._wish(RetryId(int(due.id)))
        if wish is None:
            return await self._follow(RetryId(int(due.id)))
        if (until := await self._not_before(wish)) is not None:
            return until
        if why := await self._lost_right(wish):
            return await self._drop(wish.retry, why)
        try:
            return await self._advance(wish)
        except TransientError as error:
            await self._say_that_it_waits(wish.retry, str(error))
            raise

    async def carry_out_unchecked(self, retry_id: RetryId) -> None:
        """Do the same while the person whose right was just checked waits for the answer."""
        wish = await self._wish(retry_id)
        if wish is not None:
            await self._advance(wish)

    async def _follow(self, retry_id: RetryId) -> datetime | None:
        """Look what became of an attempt that was started; its delivery may be lost."""
        async with self._store.read() as tx:
            retry = await tx.retry(retry_id)
            if retry is None or retry.state not in LIVE:
                return None
            incident = await tx.incident(retry.incident)
            repo = await tx.repository(retry.repo)
            newest = await tx.run(retry.run)
        if incident is None or incident.ended or repo is None or _is_over(newest, retry):
            return None
        run = await self._code_host.run(repo, retry.run)
        await self._keep(run, repo)
        return None if _is_over(run, retry) else self._clock.now() + FOLLOW_EVERY

    async def _wish(self, retry_id: RetryId) -> Wish | None:
        async with self._store.read() as tx:
            retry = await tx.retry(retry_id)
            if retry is None or retry.state is not RetryState.WAITING:
                return None
            incident = await tx.incident(retry.incident)
            repo = await tx.repository(retry.repo)
            known = await tx.run(retry.run, retry.attempt)
            if incident is None or repo is None or known is None:
                return None
            runs = await tx.runs_of_lane(incident.lane_id, runs=1)
            release = await newer_release(tx, incident)
        return Wish(retry, incident, repo, known, runs[-1] if runs else known, release)

    async def _not_before(self, wish: Wish) -> datetime | None:
        """Return until when to wait; None once its moment has come, or the last request's end.

        Where the clock was set back, nobody knows how long it has waited: it waits anew.
        """
        now, retry = self._clock.now(), wish.retry
        if now < max(retry.created_at, retry.tried_at or retry.created_at):
            return await self._wait_anew(retry, now=now)
        if now < retry.due_at:
            return retry.due_at
        return None

    async def _wait_anew(self, retry: Retry, *, now: datetime) -> datetime | None:
        async with self._store.begin() as tx:
            incident = await tx.incident(retry.incident)
            stored = await tx.retry(retry.id)
            if incident is None or stored is None or stored.state is not RetryState.WAITING:
                return None
            wait = stored.due_at - stored.created_at
            tried_at = min(stored.tried_at, now) if stored.tried_at else None
            anew = replace(stored, created_at=now, due_at=now + wait, tried_at=tried_at)
            await tx.save_retry(anew)
            await show(tx, incident, at=now)
        return anew.due_at

    async def _advance(self, wish: Wish) -> datetime | None:
        now = self._clock.now()
        tried = wish.retry.tried_at
        if tried and now - tried < self.patience:
            return tried + self.patience  # the last request may still act
        try:
            run = await self._code_host.run(wish.repo, wish.retry.run)
        except PermanentError as error:
            return await self._settle(wish.retry, RetryState.REFUSED, str(error))
        await self._keep(run, wish.repo)
        match next_step(wish, run, now=now):
            case Wait(until):
                return until
            case Drop(why):
                return await self._drop(wish.retry, why)
            case Settle(state, outcome):
                return await self._settle(wish.retry, state, outcome)
            case Send():
                return await self._send(wish, now=now)

    async def _say_that_it_waits(self, retry: Retry, why: str) -> None:
        async with self._store.begin() as tx:
            incident = await tx.incident(retry.incident)
            current = await tx.retry(retry.id)
            if incident and current and current.state is RetryState.WAITING:
                await tx.save_retry(replace(current, outcome=why))
                await show(tx, incident, at=self._clock.now())

    async def _keep(self, run: Run, repo: Repository) -> None:
        """Take what GitHub says of the run as a delivery; its own may be late, or lost."""
        now = self._clock.now()
        async with self._store.begin() as tx:
            lane = await tx.lane_of_run(run.id)
            if not await tx.save_run(run) or lane is None:
                return
            if run.status is Status.COMPLETED:
                await attempt_ended(tx, run, now=now)
            await self._judge.settle(tx, lane, repo, now=now)

    async def _lost_right(self, wish: Wish) -> str:
        by = wish.retry.by
        if by is None:
            return ""
        if await self._access.allows(Right.RETRY, by, wish.repo):
            return ""
        return f"{wish.retry.who} may not retry this any more"

    async def _send(self, wish: Wish, *, now: datetime) -> datetime | None:
        async with self._store.begin() as tx:
            stored = await tx.retry(wish.retry.id)
            if stored is None or stored.state is not RetryState.WAITING:
                return None
            if stored.tries != wish.retry.tries:
                return now + self.patience  # another has just sent the same request
            retry = replace(stored, tries=stored.tries + 1, tried_at=now)
            await tx.save_retry(retry)
        try:
            await self._code_host.rerun(wish.repo, retry.run, scope=retry.scope, debug=retry.debug)
        except TransientError as error:
            if isinstance(error, OperatorError) or error.after is not None:
                await self._untried(retry, stored)
            raise
        except AlreadyRunningError:
            return await self._settle(
                retry, RetryState.DONE_ELSEWHERE, "Somebody has re-run it on GitHub"
            )
        except PermanentError as error:
            return await self._settle(retry, RetryState.REFUSED, str(error))
        return await self._settle(retry, RetryState.SENT, f"attempt {retry.attempt + 1}")

    async def _untried(self, tried: Retry, before: Retry) -> None:
        """Uncount a try that was refused plainly: then nothing was done."""
        async with self._store.begin() as tx:
            current = await tx.retry(tried.id)
            if current and current.state is RetryState.WAITING and current.tries == tried.tries:
                await tx.save_retry(replace(current, tries=before.tries, tried_at=before.tried_at))

    async def _drop(self, retry: Retry, why: str) -> datetime | None:
        now = self._clock.now()
        async with self._store.begin() as tx:
            incident = await tx.incident(retry.incident)
            current = await tx.retry(retry.id)
            if incident is None or current is None or current.state is not RetryState.WAITING:
                return None
            await drop(tx, current, incident, why=why, at=now)
            await _hand_over(tx, current, incident, why, now=now)
        return None

    async def _settle(self, retry: Retry, state: RetryState, outcome: str) -> datetime | None:
        now = self._clock.now()
        refused = state is RetryState.REFUSED
        kind = {
            RetryState.REFUSED: Fact.RETRY_REFUSED,
            RetryState.DONE_ELSEWHERE: Fact.RERUN_ELSEWHERE,
        }.get(state, Fact.RETRY_SENT)
        what = sentence(outcome)
        async with self._store.begin() as tx:
            incident = await tx.incident(retry.incident)
            stored = await tx.retry(retry.id)
            if incident is None or stored is None or stored.state is not RetryState.WAITING:
                return None
            settled = replace(stored, state=state, outcome=outcome)
            await tx.save_retry(settled)
            await tx.tell(
                entry(incident, kind, source=str(retry.id), at=now, who=settled.who, what=what)
            )
            if not refused:
                again = now + LOOK_AGAIN
                await tx.due(DueKind.RETRY, str(retry.id), key=f"retry:{retry.id}", at=again)
            if refused:
                await _hand_over(tx, settled, incident, outcome, now=now)
            await show(tx, incident, at=now, merge=False)
        return None


def _is_over(run: Run | None, retry: Retry) -> bool:
    """Whether the attempt that *retry* led to has ended."""
    return run is not None and run.attempt > retry.attempt and run.status is Status.COMPLETED


async def _hand_over(
    tx: Ends, retry: Retry, incident: Incident, why: str, *, now: datetime
) -> None:
    """Leave an incident to people whose retry came to nothing."""
    if incident.ended:
        return
    incident = replace(incident, outlook=incident.outlook or why.rstrip("."))
    if retry.by is None:
        incident = await call(tx, incident, story.retry_impossible(why), at=now)
    await tx.save_incident(incident)
    await show(tx, incident, at=now, merge=False)


async def newer_release(tx: RerunTx, incident: Incident) -> str:
    """Name a newer release that this workflow has built since; empty where there is none."""
    if not incident.lane.is_release:
        return ""
    for _, run in await tx.newest_runs(incident.lane.repo):
        same = run.workflow == incident.lane.workflow
        if same and run.head_branch and supersedes(run.head_branch, incident.lane.name):
            return run.head_branch
    return ""
