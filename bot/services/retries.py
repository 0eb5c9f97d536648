"""A person asks for a retry: once is enough, whoever asks, and surprises are confirmed first."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.domain.asking import Ask, Confirmed, Taken, TooLate, Unsure
from bot.domain.errors import TransientError, UserError
from bot.domain.ids import RetryId
from bot.domain.incident import Incident
from bot.domain.lane import LaneKind
from bot.domain.press import Target
from bot.domain.retry import GITHUB_AGE, Deploys, Retry, RetryPolicy, RetryState
from bot.domain.run import Repository, Run, Status
from bot.domain.work import DueKind
from bot.ports.clock import Clock
from bot.ports.code_host import CodeHost
from bot.ports.rows import DiagnosisRows, RunRows
from bot.ports.store import Store
from bot.services.deployments import seen_on, told_of
from bot.services.reruns import LOOK_AGAIN, Reruns, RerunTx, newer_release
from bot.services.telling import show


class RetryTx(RerunTx, DiagnosisRows, Protocol):
    """Rows that a retry touches."""


@dataclass(frozen=True, slots=True)
class _Untold:
    """Nothing was stored: GitHub must be asked first whether this run deploys."""

    repo: Repository | None
    run: Run


class Retries:
    def __init__(
        self,
        store: Store[RetryTx],
        code_host: CodeHost,
        reruns: Reruns,
        policy: RetryPolicy,
        clock: Clock,
    ) -> None:
        self._store = store
        self._code_host = code_host
        self._reruns = reruns
        self._policy = policy
        self._clock = clock

    async def ask(self, ask: Ask) -> Taken | TooLate | Unsure:
        """Store what a person wants, and carry it out at once if the run has ended.

        Asking again as the same person gives the same answer, and changes nothing.

        Raises:
            UserError: It can't be retried; the message says why.
        """
        answer = await self._note(ask)
        match answer:
            case Taken(Retry(state=RetryState.WAITING) as retry, run_ended=True):
                return Taken(await self._at_once(retry))
            case _:
                return answer

    async def _note(self, ask: Ask) -> Taken | TooLate | Unsure:
        deploys: Deploys | None = None
        while True:
            async with self._store.begin() as tx:
                noted = await self._note_if(tx, ask, deploys)
            if not isinstance(noted, _Untold):
                return noted
            deploys = await self._seen(noted)

    async def _seen(self, untold: _Untold) -> Deploys:
        """Ask GitHub; where it does not answer, the person may say yes without it."""
        if untold.repo is None:
            return Deploys.UNSEEN
        try:
            return await seen_on(self._code_host, untold.repo, untold.run)
        except TransientError:
            return Deploys.UNSEEN

    async def _note_if(
        self, tx: RetryTx, ask: Ask, deploys: Deploys | None
    ) -> Taken | TooLate | Unsure | _Untold:
        """Store the wish unless something speaks against it.

        Args:
            deploys: What GitHub said; None while it was not asked.
        """
        incident = await tx.incident(ask.target.incident)
        if incident is None:
            msg = f"There is no incident #{ask.target.incident}. Try /build incidents."
            raise UserError(msg)
        run = await _attempt(tx, incident, ask.target)
        if run is None:
            msg = f"I know nothing of run {ask.target.run}. Open it on GitHub and re-run it there."
            raise UserError(msg)
        if stale := _stale(ask, incident):
            return stale
        ended = run.status is Status.COMPLETED
        live = await tx.live_retry(run.id, run.attempt)
        if live and live.by and live.by.key == ask.by.key:
            return Taken(live, run_ended=ended)
        under_way = live and (live.by or live.tries or live.state is not RetryState.WAITING)
        if live and under_way:
            return TooLate(live)
        _refuse_hopeless(incident, run, now=self._clock.now())
        deploys = deploys or await self._known(tx, ask, incident, run)
        if deploys is None:
            return _Untold(await tx.repository(run.repo), run)
        if unsure := await self._unsure(tx, ask, incident, run, deploys=deploys):
            return unsure
        retry = await self._store_wish(tx, ask, incident, run, bots=live)
        return Taken(retry, run_ended=ended)

    async def _known(self, tx: RetryTx, ask: Ask, incident: Incident, run: Run) -> Deploys | None:
        """Return what is known without GitHub; None where it must be asked."""
        failed = await tx.diagnoses(run.id, run.attempt)
        told = await told_of(tx, run, [one.job for one in failed])
        asked_before = ask.confirmed is not Confirmed.NOTHING
        if told is None and (asked_before or self._is_release(incident, run, Deploys.NO)):
            return Deploys.UNSEEN
        return told

    async def _unsure(
        self, tx: RetryTx, ask: Ask, incident: Incident, run: Run, *, deploys: Deploys
    ) -> Unsure | None:
        if ask.confirmed is Confirmed.OLDER:
            return None
        releases = self._is_release(incident, run, deploys)
        what = f" It builds or deploys {incident.lane.branch}." if releases else ""
        if deploys is Deploys.UNSEEN and not self._is_release(incident, run, Deploys.NO):
            what = " I can't see whether it deploys."
        newest = (await tx.runs_of_lane(incident.lane_id, runs=1))[-1]
        newer = f"Run #{newest.number}" if newest.number > run.number else ""
        if release := await newer_release(tx, incident):
            newer = f"Release {release}"
        if newer:
            question = f"{newer} is newer. Retry run #{run.number}, an older commit, all the same?"
            return Unsure(question + what, ask.target, Confirmed.OLDER)
        if releases and ask.confirmed is Confirmed.NOTHING:
            return Unsure(f"Retry it?{what}", ask.target, Confirmed.RELEASE)
        return None

    def _is_release(self, incident: Incident, run: Run, deploys: Deploys) -> bool:
        return self._policy.is_release(
            incident.lane.kind, workflow=run.workflow_name, deploys=deploys
        )

    async def _store_wish(
        self, tx: RetryTx, ask: Ask, incident: Incident, run: Run, *, bots: Retry | None
    ) -> Retry:
        """Keep the wish; it takes over a waiting retry of the bot."""
        now = self._clock.now()
        wish = Retry(
            id=RetryId(0),
            incident=incident.id,
            repo=incident.lane.repo,
            run=run.id,
            attempt=run.attempt,
            scope=ask.scope,
            debug=ask.debug,
            by=ask.by,
            confirmed=ask.confirmed is Confirmed.OLDER,
            due_at=now,
            created_at=now,
        )
        if bots:
            retry = replace(wish, id=bots.id, tries=bots.tries, tried_at=bots.tried_at)
            await tx.save_retry(retry)
        else:
            stored = await tx.new_retry(wish)
            if stored is None:
                msg = "Somebody else has just asked for this retry; one is enough."
                raise UserError(msg)
            retry = stored
        # It is carried out while the person waits; the row speaks up only if that fails.
        at = now + (self._reruns.patience if run.status is Status.COMPLETED else LOOK_AGAIN)
        await tx.not_due(DueKind.RETRY, str(retry.id))
        await tx.due(DueKind.RETRY, str(retry.id), key=f"retry:{retry.id}", at=at)
        await show(tx, incident, at=now, merge=False)
        return retry

    async def _at_once(self, retry: Retry) -> Retry:
        """Carry out a person's wish while they wait for the answer.

        Raises:
            UserError: GitHub refused; its reason in plain words.
        """
        try:
            await self._reruns.carry_out_unchecked(retry.id)
        except TransientError:
            return retry
        async with self._store.read() as tx:
            after = await tx.retry(retry.id) or retry
        if after.state in (RetryState.REFUSED, RetryState.DROPPED):
            raise UserError(after.outcome)
        return after


async def _attempt(tx: RunRows, incident: Incident, target: Target) -> Run | None:
    """Return the attempt to run again: the one shown, or a later one that came to nothing."""
    if await tx.lane_of_run(target.run) != incident.lane_id:
        return None  # a forged target: that run is not this incident's
    shown = await tx.run(target.run, target.attempt)
    newest = await tx.run(target.run)
    if shown is None or newest is None or newest.attempt <= shown.attempt:
        return shown
    came_to_nothing = newest.status is Status.COMPLETED and not (newest.red or newest.green)
    return newest if came_to_nothing else shown


def _stale(ask: Ask, incident: Incident) -> Unsure | None:
    """Ask whether the newest failed run is meant, where the pressed card showed another."""
    if incident.ended or ask.named or ask.target == incident.target:
        return None
    question = (
        f"Run #{incident.number} (attempt {incident.attempt}) has failed since this card was "
        "drawn. Retry that one?"
    )
    return Unsure(question, incident.target, Confirmed.NOTHING)


def _refuse_hopeless(incident: Incident, run: Run, *, now: datetime) -> None:
    if incident.ended:
        msg = f"Incident #{incident.id} has ended: {incident.ended_by}. Nothing is left to retry."
        raise UserError(msg)
    if incident.lane.kind is LaneKind.QUEUE:
        msg = "A merge queue entry can't be retried: add the pull request to the queue again."
        raise UserError(msg)
    if run.green:
        msg = f"Run #{run.number} is green, so there is nothing to retry."
        raise UserError(msg)
    if now - run.created_at >= GITHUB_AGE:
        msg = f"Run #{run.number} is more than 30 days old, and GitHub re-runs nothing older."
        raise UserError(msg)
