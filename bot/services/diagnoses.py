"""Why an incident's newest red run failed, who may have caused it, and what to do next."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.diagnosis import redact
from bot.domain.errors import BusyError, NotFoundError, PermanentError, TransientError
from bot.domain.failure import Advice, Cause
from bot.domain.grouping import group
from bot.domain.ids import IncidentId
from bot.domain.incident import Fact, Incident
from bot.domain.run import Commit, Job, Status
from bot.domain.work import Due
from bot.messages import story
from bot.ports.clock import Clock
from bot.ports.code_host import CodeHost
from bot.ports.rows import DiagnosisRows, JobDiagnosis, JobRows, LaneRows, RepositoryRows, RunRows
from bot.ports.store import Store
from bot.services.calling import call, call_about_another_cause
from bot.services.deciding import Case, Deciding, Findings
from bot.services.deployments import seen_on
from bot.services.greens import GREEN_LOGS
from bot.services.reading import LOGS, LOGS_BEFORE_RETRY, Reading, choose, step_name
from bot.services.telling import Ends, entry, show
from bot.services.turns import Turns

API_LAG: Final = timedelta(hours=2)  # in an outage GitHub's API can be that far behind
WORTH_SAYING: Final = timedelta(minutes=1)  # shorter waits are over before people have read
WORTH_CORRECTING: Final = timedelta(minutes=10)  # each correction is an edit in every channel


class DiagnosisTx(RepositoryRows, LaneRows, RunRows, JobRows, DiagnosisRows, Ends, Protocol):
    """Rows that a diagnosis touches."""


class Diagnoses:
    """Outside calls come between two transactions; the second checks that nothing moved."""

    def __init__(
        self,
        store: Store[DiagnosisTx],
        code_host: CodeHost,
        reading: Reading,
        deciding: Deciding,
        clock: Clock,
    ) -> None:
        self._store = store
        self._code_host = code_host
        self._reading = reading
        self._deciding = deciding
        self._turns = Turns(store, clock)
        self._clock = clock

    async def diagnose(self, due: Due) -> datetime | None:
        """Make the diagnosis of an incident speak of its newest red run."""
        case = await self._case(IncidentId(int(due.id)))
        if case is None:
            return None
        if wait := await self._turns.wait(case.incident, case.repo):
            return await self._let_others_go_first(case, wait)
        try:
            findings = await self._look_for_deployments(case, await self._look(case))
        except BusyError as error:
            wait = await self._turns.refused(case.incident, case.repo, error)
            return await self._let_others_go_first(case, wait)
        except TransientError as error:
            await self._say_that_it_waits(case, str(error))
            raise
        except PermanentError as error:
            await self._give_up(case, str(error))
            return None
        return await self._conclude(case, findings)

    async def _case(self, incident_id: IncidentId) -> Case | None:
        async with self._store.read() as tx:
            incident = await tx.incident(incident_id)
            if incident is None or incident.ended:
                return None
            repo = await tx.repository(incident.lane.repo)
            run = await tx.run(incident.run, incident.attempt)
            known = await tx.diagnoses(incident.run, incident.attempt)
        if repo is None or run is None:
            return None
        return Case(incident=incident, repo=repo, run=run, known={one.job: one for one in known})

    async def _look(self, case: Case) -> Findings:
        jobs = await self._jobs(case)
        failed = [job for job in jobs if job.red]
        found = await self._read(case, failed, most=LOGS)
        if case.run.status is Status.COMPLETED and _all_may_pass(found):
            found = await self._read(
                replace(case, known={one.job: one for one in found if one.diagnosis}),
                failed,
                most=LOGS_BEFORE_RETRY,
            )
        return Findings(jobs=jobs, found=found, suspects=await self._suspects(case, found))

    async def _look_for_deployments(self, case: Case, findings: Findings) -> Findings:
        """Ask GitHub whether the run deploys, where a retry of ours hangs on that alone."""
        async with self._store.read() as tx:
            asks = await self._deciding.hangs_on_deployments(
                tx, case, findings, now=self._clock.now()
            )
        if not asks:
            return findings
        return replace(findings, deploys=await seen_on(self._code_host, case.repo, case.run))

    async def _jobs(self, case: Case) -> Sequence[Job]:
        """Ask for the jobs; a webhook can be faster than the API that knows its run."""
        try:
            return await self._code_host.jobs(case.repo, case.run.id)
        except NotFoundError as error:
            if self._clock.now() - case.run.updated_at < API_LAG:
                raise TransientError(str(error)) from error
            raise

    async def _read(self, case: Case, failed: Sequence[Job], *, most: int) -> list[JobDiagnosis]:
        chosen = [job.id for job in choose(failed, most=most)]
        found = []
        for job in failed:
            known = case.known.get(job.id)
            if known and known.diagnosis:
                found.append(known)
                continue
            diagnosis = None
            if job.id in chosen:
                spare = chosen.index(job.id) >= GREEN_LOGS or self._turns.is_short(case.repo)
                since = None if spare else case.incident
                diagnosis = await self._reading.diagnose(case.repo, job, since=since)
            found.append(
                JobDiagnosis(
                    repo=case.repo.id,
                    run=case.run.id,
                    attempt=case.run.attempt,
                    job=job.id,
                    job_name=job.name,
                    step=step_name(job),
                    sha=case.run.sha,
                    at=self._clock.now(),
                    diagnosis=diagnosis,
                )
            )
        return found

    async def _suspects(self, case: Case, found: Sequence[JobDiagnosis]) -> tuple[Commit, ...]:
        """Return the commits since the last green, where the cause lies in the code."""
        base = case.incident.last_green_sha
        if not base or base == case.run.sha or _all_may_pass(found):
            return ()
        try:
            commits = await self._code_host.commits(case.repo, base=base, head=case.run.sha)
            return tuple(replace(one, title=redact(one.title)[0]) for one in commits)
        except (TransientError, PermanentError):
            return ()  # a card without suspects is better than one that waits for them

    async def _let_others_go_first(self, case: Case, wait: timedelta) -> datetime:
        """Come again when the budget may allow it, and say so where that takes a while."""
        until = self._clock.now() + wait
        said = case.incident.log_wait_until
        if wait >= WORTH_SAYING and (said is None or abs(until - said) >= WORTH_CORRECTING):
            await self._say_that_it_waits(case, story.BUDGET_SPENT, until=until)
        return until

    async def _say_that_it_waits(
        self, case: Case, why: str, *, until: datetime | None = None
    ) -> None:
        waiting = story.log_waits(why)
        async with self._store.begin() as tx:
            incident = await tx.incident(case.incident.id)
            if incident is None or incident.ended:
                return
            if (incident.log_wait, incident.log_wait_until) == (waiting, until):
                return
            incident = replace(incident, log_wait=waiting, log_wait_until=until)
            await tx.save_incident(incident)
            await show(tx, incident, at=self._clock.now())

    async def _give_up(self, case: Case, why: str) -> None:
        """Hand to people what can't be diagnosed."""
        now = self._clock.now()
        async with self._store.begin() as tx:
            incident = await tx.incident(case.incident.id)
            if incident is None or incident.ended or incident.newest != case.incident.newest:
                return
            incident = replace(incident, log_wait=story.no_diagnosis(why), log_wait_until=None)
            incident = await call(tx, incident, incident.log_wait, at=now)
            await tx.save_incident(incident)
            await show(tx, incident, at=now, merge=False)

    async def _conclude(self, case: Case, findings: Findings) -> datetime | None:
        now = self._clock.now()
        async with self._store.begin() as tx:
            incident = await tx.incident(case.incident.id)
            if incident is None or incident.ended:
                return None
            if incident.newest != case.incident.newest or incident.early != case.incident.early:
                return now  # the run moved on while the log was read
            for one in findings.found:
                await tx.save_diagnosis(one)
            incident = await self._record_cause(tx, incident, findings, now=now)
            if not incident.early:
                incident = await self._deciding.decide(tx, incident, case, findings, now=now)
            await tx.save_incident(incident)
            await show(tx, incident, at=now, merge=False)
        return None

    async def _record_cause(
        self, tx: DiagnosisTx, incident: Incident, findings: Findings, *, now: datetime
    ) -> Incident:
        groups = group(findings.failed)
        main = groups[0].diagnosis if groups else None
        cause = main.cause if main else Cause.UNKNOWN
        reason = main.reason if main else "no job says why"
        before = incident
        incident = replace(
            incident,
            cause=cause,
            reason=reason,
            diagnosed=(incident.run, incident.attempt),
            jobs=len(findings.jobs),
            broken_jobs=tuple(one.job_name for one in findings.found),
            suspects=findings.suspects,
            log_wait="",
            log_wait_until=None,
            outlook="",
        )
        if (before.cause, before.reason) != (cause, reason):
            source = f"{incident.run}/{incident.attempt}/{cause}"
            what = story.cause_found(reason, cause)
            await tx.tell(entry(incident, Fact.CAUSE, source=source, at=now, what=what))
        if before.cause not in (None, cause):
            why = story.cause_changed(reason)
            incident = await call_about_another_cause(tx, incident, why, at=now)
        return incident


def _all_may_pass(found: Sequence[JobDiagnosis]) -> bool:
    """Whether nothing read so far rules a retry out."""
    read = [one.diagnosis for one in found if one.diagnosis]
    return bool(read) and all(diagnosis.retry is not Advice.NO for diagnosis in read)
