"""What GitHub's deliveries mean for lanes and incidents, from the payloads alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.domain.errors import NotFoundError, PermanentError, TransientError
from bot.domain.events import (
    AccessChanged,
    JobReported,
    PullClosed,
    RefDeleted,
    RefSeen,
    RepositoryChanged,
    RunReported,
)
from bot.domain.hearing import is_late
from bot.domain.ids import LaneId, RepoId
from bot.domain.incident import Ending, Incident
from bot.domain.lane import LaneKind, RefKind, lane_of
from bot.domain.run import Repository, Run, Status
from bot.domain.work import Due, DueKind
from bot.messages.blindness import turned_out_to_be
from bot.ports.clock import Clock
from bot.ports.code_host import CodeHost
from bot.ports.rows import RefRows, RepositoryRows
from bot.ports.store import Store
from bot.services.attempts import attempt_ended
from bot.services.judging import Judge, JudgingRows
from bot.services.telling import end, show, want

GUESS_AFTER: Final = timedelta(minutes=2)  # then a pushed name of unknown kind counts as a tag
ASK_AGAIN: Final = timedelta(seconds=20)


class TriageRows(RepositoryRows, RefRows, JudgingRows, Protocol):
    """Rows that triage touches."""


class Triage:
    """Needs no API call but one, for a pushed name that no delivery has explained."""

    def __init__(
        self, store: Store[TriageRows], code_host: CodeHost, judge: Judge, clock: Clock
    ) -> None:
        self._store = store
        self._code_host = code_host
        self._judge = judge
        self._clock = clock

    async def run_reported(self, event: RunReported) -> str:
        """Keep what is new of a run, and make its lane's incident agree."""
        now = self._clock.now()
        async with self._store.begin() as tx:
            await tx.save_repository(event.repo)
            late = event.heard_at if is_late(event.run, heard_at=event.heard_at) else None
            if not await tx.save_run(event.run, late_at=late):
                return "nothing new"
            lane = await self._place(tx, event.repo, event.run, now=now)
            if lane is None:
                return "asking whether it is a branch or a tag"
            if event.run.status is Status.COMPLETED:
                await attempt_ended(tx, event.run, now=now)
            if event.outdated:
                return "outdated"
            return await self._judge.settle(tx, lane, event.repo, now=now)

    async def job_reported(self, event: JobReported) -> str:
        """Keep a job that failed or deploys, and show it while its run still goes on."""
        async with self._store.begin() as tx:
            await tx.save_repository(event.repo)
            await tx.save_job(event.repo.id, event.job)
            lane = await tx.lane_of_run(event.job.run)
            if lane is None:
                return "its run is not known yet"
            return await self._judge.settle(tx, lane, event.repo, now=self._clock.now())

    async def ref_seen(self, event: RefSeen) -> str:
        """Learn that a name is a branch or a tag, and place the runs that waited for it."""
        async with self._store.begin() as tx:
            await tx.save_repository(event.repo)
            await self._learn(tx, event.repo, event.name, event.kind)
            return await self._place_waiting(tx, event.repo, event.name, event.kind)

    async def ref_deleted(self, event: RefDeleted) -> str:
        """Look whether what broke is gone with the branch or tag."""
        kinds = {LaneKind.PUSH, LaneKind.SCHEDULE, LaneKind.MANUAL, LaneKind.OTHER}
        if event.kind is RefKind.TAG:
            kinds = {LaneKind.TAG, LaneKind.RELEASE, LaneKind.MANUAL}
        async with self._store.begin() as tx:
            await tx.save_repository(event.repo)
            await tx.forget_ref(event.repo.id, event.name)
            return await self._doubt(
                tx,
                [
                    incident
                    for incident in await tx.open_incidents()
                    if incident.lane.repo == event.repo.id
                    and incident.lane.kind in kinds
                    and incident.lane.branch == event.name
                ],
            )

    async def pull_closed(self, event: PullClosed) -> str:
        name = f"{event.head_repo or 0}:{event.head_branch}"
        async with self._store.begin() as tx:
            await tx.save_repository(event.repo)
            return await self._doubt(
                tx,
                [
                    incident
                    for incident in await tx.open_incidents()
                    if incident.lane.repo == event.repo.id
                    and incident.lane.kind is LaneKind.PULL
                    and incident.lane.name == name
                ],
            )

    async def repository_changed(self, event: RepositoryChanged) -> str:
        """Redraw what its name or visibility changes, and look whether it still exists."""
        now = self._clock.now()
        async with self._store.begin() as tx:
            await tx.save_repository(event.repo)
            mine = [
                incident
                for incident in await tx.open_incidents()
                if incident.lane.repo == event.repo.id
            ]
            for incident in mine:
                await show(tx, incident, at=now, merge=False)
            if event.action in ("deleted", "archived", "transferred"):
                return await self._doubt(tx, mine)
            return event.action

    async def access_changed(self, event: AccessChanged) -> str:
        """Look whether GitHub still shows us the repositories that an installation lost."""
        async with self._store.begin() as tx:
            lost = set(event.lost)
            if event.action in ("deleted", "suspend"):
                lost |= {
                    repo.id
                    for repo in await tx.repositories()
                    if repo.installation == event.installation
                }
            return await self._doubt(
                tx,
                [found for found in await tx.open_incidents() if found.lane.repo in lost],
            )

    async def settle_ref(self, due: Due) -> datetime | None:
        """Ask GitHub what a pushed name is; after two minutes without an answer, call it a tag.

        A release that broke must not be silent; a branch that is shown once too often may.
        """
        repo_id, name = due.id.split(":", 1)
        async with self._store.read() as tx:
            repo = await tx.repository(RepoId(int(repo_id)))
            waiting = await tx.unplaced_runs(RepoId(int(repo_id)), name)
        if repo is None or not waiting:
            return None
        now = self._clock.now()
        try:
            kind, known = await self._code_host.ref_kind(repo, name) or RefKind.BRANCH, True
        except (TransientError, PermanentError) as error:
            passes = isinstance(error, TransientError | NotFoundError)
            if passes and now - min(run.created_at for run in waiting) < GUESS_AFTER:
                return now + ASK_AGAIN
            kind, known = RefKind.TAG, False
        async with self._store.begin() as tx:
            if known:
                await self._learn(tx, repo, name, kind)
            await self._place_waiting(tx, repo, name, kind)
        return None

    async def _place(
        self, tx: TriageRows, repo: Repository, run: Run, *, now: datetime
    ) -> LaneId | None:
        """Return the lane of a run, which is the first it was given; None while unknown."""
        placed = await tx.lane_of_run(run.id)
        if placed is not None:
            return placed
        name = run.head_branch or ""
        is_default = name == repo.default_branch
        ref = RefKind.BRANCH if is_default else await tx.ref_kind(repo.id, name)
        lane = lane_of(run, ref)
        if lane is None:
            ref_id = f"{repo.id}:{name}"
            await tx.due(DueKind.REF, ref_id, key=f"ref:{ref_id}", at=now)
            return None
        lane_id = await tx.lock_lane(lane)
        await tx.place_run(run.id, lane_id)
        return lane_id

    async def _learn(self, tx: TriageRows, repo: Repository, name: str, kind: RefKind) -> None:
        """Remember what a name is; a branch that was taken for a tag gets its runs back.

        Else what is one broken thing would be two incidents, and one of them never green.
        """
        guessed = await tx.ref_kind(repo.id, name) is None and kind is RefKind.BRANCH
        await tx.save_ref(repo.id, name, kind)
        now = self._clock.now()
        for incident in await tx.open_incidents() if guessed else ():
            lane = incident.lane
            if (lane.repo, lane.kind, lane.name) != (repo.id, LaneKind.TAG, name):
                continue
            right = await tx.lock_lane(replace(lane, kind=LaneKind.PUSH))
            await tx.move_runs(incident.lane_id, to=right)
            await end(tx, incident, Ending.SUPERSEDED, by=turned_out_to_be(name), at=now)
            await self._judge.settle(tx, right, repo, now=now)

    async def _place_waiting(
        self, tx: TriageRows, repo: Repository, name: str, kind: RefKind
    ) -> str:
        outcome = "nothing waited for it"
        for run in await tx.unplaced_runs(repo.id, name):
            lane = lane_of(run, kind)
            if lane is None:
                continue
            lane_id = await tx.lock_lane(lane)
            await tx.place_run(run.id, lane_id)
            outcome = await self._judge.settle(tx, lane_id, repo, now=self._clock.now())
        return outcome

    async def _doubt(self, tx: TriageRows, incidents: Sequence[Incident]) -> str:
        """Ask GitHub before an incident ends because a delivery says that its place is gone."""
        for incident in incidents:
            await want(tx, incident, DueKind.GONE, at=self._clock.now())
        return f"asking whether {len(incidents)} broken lanes are gone"
