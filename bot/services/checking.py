"""Reads again, hourly and whatever the webhooks said, what is broken or has not ended."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.domain.errors import BusyError, NotFoundError, TransientError
from bot.domain.hearing import HearingPolicy, goes_beyond, spread
from bot.domain.ids import IncidentId, RunId
from bot.domain.incident import Fact, Incident
from bot.domain.run import Repository, Run
from bot.domain.work import Due, DueKind
from bot.messages.blindness import run_deleted
from bot.ports.clock import Clock
from bot.ports.code_host import CodeHost
from bot.ports.hearing import HearingRows
from bot.ports.retelling import Retelling
from bot.ports.rows import DeliveryRows, RepositoryRows, RunRows
from bot.ports.store import Store
from bot.services.incidents import Incidents
from bot.services.telling import Ends, entry, show

HOURLY: Final = timedelta(hours=1)
ROUND: Final = timedelta(minutes=55)  # over which the checks of one hour are spread
FIRST_ROUND: Final = timedelta(minutes=2)
QUIET_FOR: Final = timedelta(minutes=10)  # a run that was told of since then needs no question
MOST_RUNS: Final = 1_000
FORGOTTEN: Final = timedelta(days=35)  # GitHub lets no run last longer


class CheckTx(DeliveryRows, RepositoryRows, RunRows, HearingRows, Ends, Protocol):
    """Rows that checks touch."""


class Checking:
    def __init__(  # noqa: PLR0913 - whom it asks, and whom it tells
        self,
        store: Store[CheckTx],
        code_host: CodeHost,
        incidents: Incidents,
        retelling: Retelling,
        *,
        clock: Clock,
        policy: HearingPolicy,
    ) -> None:
        self._store = store
        self._incidents = incidents
        self._code_host = code_host
        self._retelling = retelling
        self._clock = clock
        self._policy = policy
        self._over = FIRST_ROUND

    async def check(self, due: Due) -> datetime | None:
        match due.id.split(":", 1):
            case ["all"]:
                return await self._begin_round()
            case ["incident", id]:
                await self._incident(IncidentId(int(id)))
            case ["run", id]:
                await self._run(RunId(int(id)))
        return None

    async def _begin_round(self) -> datetime:
        """Want everything checked once, each at its own minute; at a start, soon."""
        over, self._over = self._over, ROUND
        now = self._clock.now()
        async with self._store.begin() as tx:
            repos = {repo.id for repo in await tx.repositories() if self._policy.hears(repo)}
            for incident in await tx.open_incidents():
                await tx.due(
                    DueKind.CHECK,
                    f"incident:{incident.id}",
                    key=f"incident:{incident.id}",
                    at=now + spread(incident.id, over),
                )
            unfinished = await tx.unfinished_runs(before=now - QUIET_FOR, most=MOST_RUNS)
            for run in unfinished:
                if run.repo in repos and now - run.created_at < FORGOTTEN:
                    row = f"run:{run.id}"
                    at = now + spread(run.id, over)
                    await tx.due(DueKind.CHECK, row, key=row, at=at)
        return now + HOURLY

    async def _run(self, run_id: RunId) -> None:
        async with self._store.read() as tx:
            known = await tx.run(run_id)
            repo = await tx.repository(known.repo) if known else None
        if known is None or repo is None:
            return
        run = await self._newest_attempt(repo, run_id)
        if run is None:
            return  # nothing more will be heard of it
        async with self._store.begin() as tx:
            await self._retell(tx, repo, run)

    async def _incident(self, incident_id: IncidentId) -> None:
        """Read the newest run of an incident, and look whether its place is still there."""
        async with self._store.read() as tx:
            incident = await tx.incident(incident_id)
            repo = await tx.repository(incident.lane.repo) if incident else None
        if incident is None or repo is None or incident.ended:
            return
        try:
            run = await self._newest_attempt(repo, incident.run)
            await self._incidents.end_if_gone(incident_id)
        except BusyError:
            raise
        except TransientError:
            await self._unconfirmed(incident_id)
            raise
        async with self._store.begin() as tx:
            now = self._clock.now()
            current = await tx.incident(incident_id)
            if current is None or current.ended:
                return
            if run is None:
                await self._tell_deleted(tx, current, now=now)
            else:
                await self._retell(tx, repo, run)
            if current.unconfirmed_since:
                confirmed = replace(current, unconfirmed_since=None)
                await tx.save_incident(confirmed)
                await show(tx, confirmed, at=now)

    async def _newest_attempt(self, repo: Repository, run: RunId) -> Run | None:
        """Return what GitHub says of a run; None where it was deleted."""
        try:
            return await self._code_host.run(repo, run)
        except NotFoundError:
            return None

    async def _retell(self, tx: CheckTx, repo: Repository, run: Run) -> None:
        """Let triage hear of a run, if it is not as we believed."""
        known = await tx.run(run.id)
        if known is None or goes_beyond(run, known):
            await tx.take_in([self._retelling.run(repo, run, at=self._clock.now())])

    async def _tell_deleted(self, tx: CheckTx, incident: Incident, *, now: datetime) -> None:
        """Say that the run is gone; what broke may be broken all the same."""
        source = f"{incident.run}/{incident.attempt}"
        what = run_deleted(incident.number)
        if await tx.tell(entry(incident, Fact.RUN_DELETED, source=source, at=now, what=what)):
            await show(tx, incident, at=now)

    async def _unconfirmed(self, incident_id: IncidentId) -> None:
        """Remember since when GitHub could not be asked; cards say so after a while."""
        now = self._clock.now()
        async with self._store.begin() as tx:
            incident = await tx.incident(incident_id)
            if incident is None or incident.ended:
                return
            if incident.unconfirmed_since is None:
                await tx.save_incident(replace(incident, unconfirmed_since=now))
            elif incident.is_unknown(now):
                await show(tx, incident, at=now)
