"""What people and GitHub do to an incident: take it, resolve it, turn it green, leave it alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.domain.errors import NotFoundError, PermanentError
from bot.domain.ids import IncidentId, PressId, RepoId
from bot.domain.incident import (
    CALLS_AFTER,
    EXPIRES_AFTER,
    Ending,
    Fact,
    Incident,
    how_it_ended,
)
from bot.domain.lane import LaneKind
from bot.domain.person import Person
from bot.domain.retry import RetryState
from bot.domain.run import Conclusion, Job, Repository, Run
from bot.domain.work import Due, DueKind
from bot.messages import story
from bot.messages.text import sentence
from bot.ports.clock import Clock
from bot.ports.code_host import CodeHost
from bot.ports.rows import JobRows, RepositoryRows, RunRows
from bot.ports.store import Store
from bot.services.calling import call
from bot.services.reading import base_name
from bot.services.telling import Ends, end, entry, show, want

LOOK_AGAIN: Final = timedelta(days=1)


class IncidentTx(RepositoryRows, RunRows, JobRows, Ends, Protocol):
    """Rows that incidents touch."""


class Incidents:
    def __init__(self, store: Store[IncidentTx], code_host: CodeHost, clock: Clock) -> None:
        self._store = store
        self._code_host = code_host
        self._clock = clock

    async def acknowledge(self, incident_id: IncidentId, *, by: Person, press: PressId) -> Incident:
        """Give an incident an owner; the newest press wins, and an old one that comes again loses.

        Raises:
            UserError: It has ended.
        """
        now = self._clock.now()
        async with self._store.begin() as tx:
            before = await _incident(tx, incident_id)
            after = before.acknowledge(by)
            if after == before:
                return before
            who = by.name or by.id
            if not await tx.tell(entry(after, Fact.ACKNOWLEDGED, source=press, at=now, who=who)):
                return before
            await tx.save_incident(after)
            await show(tx, after, at=now, merge=False)
        return after

    async def resolve(self, incident_id: IncidentId, *, by: Person, press: PressId) -> Incident:
        """End an incident because a person says so; one that has ended stays as it is.

        A press that comes again, since we crashed before it was crossed off, ends nothing that
        broke after it.
        """
        now = self._clock.now()
        async with self._store.begin() as tx:
            incident = await _incident(tx, incident_id)
            told = await tx.timeline(incident_id)
            if any(one.kind is Fact.ENDED and one.source == press for one in told):
                return incident
            said = f"{by.name or by.id} said so"
            return await end(tx, incident, Ending.RESOLVED, by=said, at=now, source=press)

    async def confirm_green(self, due: Due) -> datetime | None:
        """End an incident if what broke really ran in the newer green run."""
        async with self._store.read() as tx:
            incident = await tx.incident(IncidentId(int(due.id)))
            if incident is None or incident.ended or incident.green_run is None:
                return None
            repo = await tx.repository(incident.lane.repo)
            broken = await _broken(tx, incident)
        if repo is None:
            return None
        try:
            jobs = await self._code_host.jobs(repo, incident.green_run)
        except PermanentError:
            jobs = []  # the run was deleted since; that it was green is what we know
        skipped = skipped_of(broken, jobs)
        async with self._store.begin() as tx:
            now = self._clock.now()
            current = await _incident(tx, incident.id)
            if current.green_run != incident.green_run or current.ended:
                return now
            if skipped:
                await self._not_green(tx, current, skipped, now=now)
            else:
                await self._turned_green(tx, current, now=now)
        return None

    async def _turned_green(self, tx: IncidentTx, incident: Incident, *, now: datetime) -> None:
        green = incident.green_run and await tx.run(incident.green_run, incident.green_attempt)
        if not green:
            return
        await _record_sent(tx, incident, green, now=now)
        by = how_it_ended(
            green, incident=incident, retried_by=await _retried_by(tx, incident, green)
        )
        await end(tx, incident, Ending.GREEN, by=by, at=now)

    async def _not_green(
        self, tx: IncidentTx, incident: Incident, skipped: str, *, now: datetime
    ) -> None:
        green = incident.green_run and await tx.run(incident.green_run, incident.green_attempt)
        still = replace(incident, green_run=None, green_attempt=0)
        await tx.save_incident(still)
        source = f"{incident.green_run}/{incident.green_attempt}"
        what = story.not_green(green.number if green else None, skipped=skipped)
        await tx.tell(entry(still, Fact.NOT_GREEN, source=source, at=now, what=what))
        await show(tx, still, at=now)

    async def confirm_gone(self, due: Due) -> None:
        """Look again, since a delivery says that the place where it broke may be gone."""
        await self.end_if_gone(IncidentId(int(due.id)))

    async def end_if_gone(self, incident_id: IncidentId) -> None:
        """End an incident if GitHub says that the place where it broke is gone."""
        async with self._store.read() as tx:
            incident = await tx.incident(incident_id)
            if incident is None or incident.ended:
                return
            repo = await tx.repository(incident.lane.repo)
        if repo is None:
            return
        gone = await self._gone(repo, incident)
        if not gone:
            return
        async with self._store.begin() as tx:
            current = await _incident(tx, incident.id)
            await end(tx, current, Ending.SUPERSEDED, by=gone, at=self._clock.now())

    async def _gone(self, repo: Repository, incident: Incident) -> str:
        """Say what is gone; empty where all is still there."""
        lane = incident.lane
        try:
            await self._code_host.repository(repo)
        except NotFoundError:
            return f"GitHub does not show {repo.full_name} any more"
        if lane.kind is LaneKind.PULL:
            head, branch = lane.name.split(":", 1)
            is_open = await self._code_host.pull_is_open(
                repo, head_repo=RepoId(int(head)) or None, branch=branch
            )
            return "" if is_open else "the pull request is closed"
        try:
            if not await self._code_host.workflow_is_active(repo, lane.workflow):
                return "the workflow is disabled, renamed or deleted"
        except NotFoundError:
            pass  # a renamed workflow file answers the same; its new id has its own lane
        if lane.branch and await self._code_host.ref_kind(repo, lane.branch) is None:
            kind = "tag" if lane.is_release else "branch"
            return f"the {kind} {lane.branch} is deleted"
        return ""

    async def watch(self, due: Due) -> datetime | None:
        """Call people 15 minutes after the first failure; let a forgotten incident expire."""
        now = self._clock.now()
        async with self._store.begin() as tx:
            incident = await tx.incident(IncidentId(int(due.id)))
            if incident is None or incident.ended:
                return None
            run = await tx.run(incident.run, incident.attempt)
            last_heard = run.updated_at if run else incident.opened_at
            if now - last_heard >= EXPIRES_AFTER:
                await end(tx, incident, Ending.EXPIRED, by="no run for 30 days", at=now)
                return None
            calls_at = incident.red_since + CALLS_AFTER
            if not incident.called_at and now < calls_at:
                return calls_at
            if not incident.called_at:
                why = story.still_broken(incident, after=CALLS_AFTER)
                called = await call(tx, incident, why, at=now)
                await tx.save_incident(called)
                await show(tx, called, at=now)
            else:
                await want(tx, incident, DueKind.GONE, at=now)  # a disabled workflow sends nothing
        return max(now, last_heard) + LOOK_AGAIN


def skipped_of(broken: Sequence[str], jobs: Sequence[Job]) -> str:
    """Name a job that broke and did not run in a green run; empty where all ran.

    A skipped matrix is one job without the cell in its name. A job that is not listed at all
    was renamed or removed, and ends nothing less than the commit that did so.
    """
    skipped = {job.name for job in jobs if job.conclusion is Conclusion.SKIPPED}
    ran = {job.name for job in jobs} - skipped
    for name in broken:
        if name in skipped or (name not in ran and base_name(name) in skipped):
            return name
    return ""


async def _broken(tx: IncidentTx, incident: Incident) -> tuple[str, ...]:
    """Names of the jobs that broke, from the diagnosis or else from deliveries."""
    if incident.broken_jobs:
        return incident.broken_jobs
    jobs = await tx.jobs(incident.run, incident.attempt)
    return tuple(job.name for job in jobs if job.red)


async def _record_sent(tx: IncidentTx, incident: Incident, green: Run, *, now: datetime) -> None:
    """Record a retry that we asked for and did not live to see answered: its attempt is there."""
    for retry in await tx.retries(incident.id):
        begun = retry.state is RetryState.WAITING and retry.tries > 0
        if begun and (retry.run, retry.attempt + 1) == (green.id, green.attempt):
            outcome = f"attempt {green.attempt}"
            await tx.save_retry(replace(retry, state=RetryState.SENT, outcome=outcome))
            await tx.tell(
                entry(
                    incident,
                    Fact.RETRY_SENT,
                    source=str(retry.id),
                    at=now,
                    who=retry.who,
                    what=sentence(outcome),
                )
            )


async def _retried_by(tx: IncidentTx, incident: Incident, green: Run) -> str:
    """Who asked for the green attempt through us; only a sent retry gets the credit."""
    for retry in await tx.retries(incident.id):
        asked = retry.run == green.id and retry.attempt == green.attempt - 1
        if asked and retry.state is RetryState.SENT:
            return retry.who
    return ""


async def _incident(tx: IncidentTx, incident_id: IncidentId) -> Incident:
    incident = await tx.incident(incident_id)
    if incident is None:
        msg = f"incident {incident_id} has no row"
        raise LookupError(msg)
    return incident
