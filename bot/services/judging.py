"""From the runs of a lane to its incident: opened, joined, reopened, or about to end."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Protocol

from bot.domain.ids import IncidentId, LaneId, RunId
from bot.domain.incident import CALLS_AFTER, Ending, Fact, Incident, TimelineEntry
from bot.domain.lane import Lane
from bot.domain.release import supersedes
from bot.domain.retry import RetryState
from bot.domain.run import Conclusion, Repository, Run, Status
from bot.domain.storm import StormPolicy
from bot.domain.subscription import Subscription, audience
from bot.domain.verdict import Green, Red, alerts, verdict
from bot.domain.work import DueKind
from bot.messages import story
from bot.ports.rows import JobRows, LaneRows, RunRows
from bot.services.holding import HoldingRows, open_cards
from bot.services.telling import Ends, end, entry, show, want

HISTORY_RUNS: Final = 50  # enough to count reds in a row; a longer streak is said as this many


class JudgingRows(LaneRows, RunRows, JobRows, HoldingRows, Ends, Protocol):
    """Rows that a verdict reads and changes."""


@dataclass(frozen=True, slots=True)
class PlacedLane:
    """A lane with its row and its repository."""

    id: LaneId
    lane: Lane
    repo: Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Makes a lane's incident agree with its runs, inside the caller's transaction."""

    subscriptions: Sequence[Subscription]
    storm: StormPolicy = field(default_factory=StormPolicy)

    async def settle(
        self, tx: JudgingRows, lane_id: LaneId, repo: Repository, *, now: datetime
    ) -> str:
        """Judge the lane of that row, which nobody else judges meanwhile."""
        lane = await tx.lane(lane_id)
        if lane is None:
            return "its lane is gone"
        await tx.lock_lane(lane)
        return await self.judge(tx, PlacedLane(lane_id, lane, repo), now=now)

    async def judge(self, tx: JudgingRows, placed: PlacedLane, *, now: datetime) -> str:
        """Return what was done, in a word for the log."""
        runs = await tx.runs_of_lane(placed.id, runs=HISTORY_RUNS)
        colour = verdict(runs, red_jobs=await _red_jobs(tx, placed.id, runs))
        incident = await tx.lane_incident(placed.id)
        match colour:
            case None:
                return "no colour"
            case Green():
                return await self._green(tx, incident, colour, placed.lane, now=now)
            case Red() if incident and not incident.ended:
                return await self._still_red(tx, incident, colour, now=now)
            case Red():
                return await self._red(tx, incident, colour, placed, now=now)

    async def _red(
        self,
        tx: JudgingRows,
        last: Incident | None,
        red: Red,
        placed: PlacedLane,
        *,
        now: datetime,
    ) -> str:
        if last and red.run.age_key <= last.newest:
            return "known"
        if not alerts(red, placed.lane.kind):
            return "not yet alarming"
        hearers = audience(placed.lane, placed.repo, self.subscriptions)
        if not hearers:
            return "nobody subscribed"
        if last and last.reopens(now):
            incident = last.reopen(red, at=now)
            await tx.save_incident(incident)
            kind, what = Fact.REOPENED, story.reopened(red.run)
        else:
            incident = await tx.new_incident(_opened(red, placed, now=now))
            kind, what = Fact.OPENED, story.opened(red.run)
        await tx.tell(entry(incident, kind, source=_source(red.run), at=now, what=what))
        await open_cards(tx, incident, hearers, storm=self.storm, at=now)
        await want(tx, incident, DueKind.DIAGNOSIS, at=now)
        await want(tx, incident, DueKind.WATCH, at=incident.red_since + CALLS_AFTER)
        return kind

    async def _still_red(
        self, tx: JudgingRows, incident: Incident, red: Red, *, now: datetime
    ) -> str:
        if red.run.age_key == incident.newest:
            if red.early or not incident.early:
                return await self._more_jobs(tx, incident, red, now=now)
            completed = replace(incident, early=False, streak=red.streak)
            await tx.save_incident(completed)
            await want(tx, completed, DueKind.DIAGNOSIS, at=now)
            await show(tx, completed, at=now)
            return "completed"
        joined = incident.join(red)
        await tx.save_incident(joined)
        await tx.tell(await _joined(tx, joined, red, now=now))
        await want(tx, joined, DueKind.DIAGNOSIS, at=now)
        await show(tx, joined, at=now)
        return "joined"

    async def _more_jobs(
        self, tx: JudgingRows, incident: Incident, red: Red, *, now: datetime
    ) -> str:
        """Look again when a further job of a running run has failed."""
        known = set(incident.broken_jobs)
        jobs = await tx.jobs(red.run.id, red.run.attempt)
        if not red.early or all(job.name in known for job in jobs if job.red):
            return "known"
        await want(tx, incident, DueKind.DIAGNOSIS, at=now)
        return "another job"

    async def _green(
        self,
        tx: JudgingRows,
        incident: Incident | None,
        green: Green,
        lane: Lane,
        *,
        now: datetime,
    ) -> str:
        if lane.is_release:
            await _supersede(tx, lane, now=now)
        if incident is None or incident.ended or not _is_newer(green.run, incident):
            return "green"
        waiting = replace(incident, green_run=green.run.id, green_attempt=green.run.attempt)
        await tx.save_incident(waiting)
        await want(tx, waiting, DueKind.GREEN, at=now)
        await show(tx, waiting, at=now)
        return "turned green"


def _is_newer(green: Run, incident: Incident) -> bool:
    """Whether *green* speaks of a later moment; a run may tolerate its own failed job."""
    return green.age_key > incident.newest or (incident.early and green.age_key == incident.newest)


async def _red_jobs(tx: JobRows, lane: LaneId, runs: Sequence[Run]) -> dict[RunId, int]:
    """Find whether a job of the newest run has failed although the run has no colour yet."""
    if not runs:
        return {}
    newest = max(runs, key=lambda run: run.age_key)
    if newest.status is Status.COMPLETED and newest.conclusion is not Conclusion.CANCELLED:
        return {}
    names = [job.name for job in await tx.jobs(newest.id, newest.attempt) if job.red]
    tolerated = await tx.tolerated(lane, names) if names else frozenset()
    return {newest.id: newest.attempt} if set(names) - tolerated else {}


def _opened(red: Red, placed: PlacedLane, *, now: datetime) -> Incident:
    return Incident(
        id=IncidentId(0),  # the store gives the next one
        lane_id=placed.id,
        lane=placed.lane,
        workflow=red.run.workflow_name,
        opened_at=now,
        red_since=now,
        run=red.run.id,
        attempt=red.run.attempt,
        number=red.run.number,
        sha=red.run.sha,
        streak=red.streak,
        early=red.early,
    ).starting(red, at=now)


async def _joined(tx: Ends, incident: Incident, red: Red, *, now: datetime) -> TimelineEntry:
    retried = [
        retry
        for retry in await tx.retries(incident.id)
        if retry.run == red.run.id
        and retry.attempt == red.run.attempt - 1
        and retry.state is RetryState.SENT
    ]
    if retried:
        what = story.retry_failed(red.run, who=retried[-1].who)
        return entry(incident, Fact.RETRY_FAILED, source=_source(red.run), at=now, what=what)
    what = story.joined(red.run, streak=red.streak)
    return entry(incident, Fact.JOINED, source=_source(red.run), at=now, what=what)


def _source(run: Run) -> str:
    return f"{run.id}/{run.attempt}"


async def _supersede(tx: Ends, lane: Lane, *, now: datetime) -> None:
    """End the incidents of older releases that this green one makes a thing of the past."""
    for old in await tx.open_incidents():
        same = (old.lane.repo, old.lane.workflow) == (lane.repo, lane.workflow)
        if same and old.lane.is_release and supersedes(lane.name, old.lane.name):
            await end(tx, old, Ending.SUPERSEDED, by=story.superseded_by(lane.name), at=now)
