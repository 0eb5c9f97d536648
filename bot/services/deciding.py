"""Whether the bot runs a failed run again, decided once its logs were read."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.grouping import FailedJob, group
from bot.domain.ids import RetryId
from bot.domain.incident import Fact, Incident
from bot.domain.retry import (
    UNSEEN_DEPLOYMENTS,
    Deploys,
    FailedRun,
    LeaveFailed,
    Offer,
    Rerun,
    Retry,
    RetryPolicy,
)
from bot.domain.run import Commit, Conclusion, Job, Repository, Run
from bot.domain.work import DueKind
from bot.messages import story
from bot.ports.rows import DiagnosisRows, JobDiagnosis, JobRows, RunRows
from bot.services.calling import call
from bot.services.deployments import told_of
from bot.services.telling import Ends, entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What there was to diagnose when the work began."""

    incident: Incident
    repo: Repository
    run: Run
    known: dict[int, JobDiagnosis]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    jobs: Sequence[Job]
    found: Sequence[JobDiagnosis]
    suspects: tuple[Commit, ...]
    deploys: Deploys | None = None
    """What GitHub said of it; None where it was not asked."""

    @property
    def failed(self) -> tuple[FailedJob, ...]:
        return tuple(
            FailedJob(name=one.job_name, step=one.step, diagnosis=one.diagnosis)
            for one in self.found
        )


class DecidingTx(RunRows, JobRows, DiagnosisRows, Ends, Protocol):
    """Rows that the decision looks at."""


@dataclass(frozen=True, slots=True)
class Deciding:
    policy: RetryPolicy

    async def hangs_on_deployments(
        self, tx: DecidingTx, case: Case, findings: Findings, *, now: datetime
    ) -> bool:
        """Whether it would be run again if only we knew that it does not deploy."""
        incident = case.incident
        if incident.early or await tx.live_retry(case.run.id, case.run.attempt):
            return False
        facts = await self._facts(tx, incident, case, findings, now=now)
        return self.policy.decide(facts) == Offer(why=UNSEEN_DEPLOYMENTS)

    async def decide(
        self,
        tx: DecidingTx,
        incident: Incident,
        case: Case,
        findings: Findings,
        *,
        now: datetime,
    ) -> Incident:
        """Plan a retry, or leave the incident to people; the caller saves it."""
        if await tx.live_retry(incident.run, incident.attempt):
            return incident  # a person was faster
        facts = await self._facts(tx, incident, case, findings, now=now)
        match self.policy.decide(facts):
            case Rerun(after=after, why=why):
                return await self._plan(tx, incident, after=after, why=why, now=now)
            case LeaveFailed(why=why) | Offer(why=why):
                incident = replace(incident, outlook=why)
                return await call(tx, incident, f"{incident.reason}.", at=now)

    async def _facts(
        self,
        tx: DecidingTx,
        incident: Incident,
        case: Case,
        findings: Findings,
        *,
        now: datetime,
    ) -> FailedRun:
        run = case.run
        retries = await tx.retries_of_run(run.id)
        newest = (await tx.runs_of_lane(incident.lane_id, runs=1))[-1]
        told = await told_of(tx, run, [one.job for one in findings.found])
        return FailedRun(
            failures=[one.diagnosis for one in findings.found if one.diagnosis],
            groups=len(group(findings.failed)),
            unread_jobs=sum(one.diagnosis is None for one in findings.found),
            green_jobs=sum(job.conclusion is Conclusion.SUCCESS for job in findings.jobs),
            done=sum(retry.by is None and retry.tries > 0 for retry in retries),
            attempt=run.attempt,
            lane=incident.lane.kind,
            workflow=run.workflow_name,
            deploys=told or findings.deploys or Deploys.UNSEEN,
            from_fork=run.from_fork,
            newer_run=newest.number > run.number,
            cancelled=run.conclusion is Conclusion.CANCELLED,
            seen_on_commit=await tx.fingerprints_on(
                run.repo, run.sha, apart_from=(run.id, run.attempt)
            ),
            age=now - run.created_at,
        )

    async def _plan(
        self, tx: DecidingTx, incident: Incident, *, after: timedelta, why: str, now: datetime
    ) -> Incident:
        # A little later for each, so that the runs of one outage do not all come back at once.
        at = now + after * random.uniform(1.0, 1.1)  # noqa: S311 - jitter, not a secret
        wish = Retry(
            id=RetryId(0),
            incident=incident.id,
            repo=incident.lane.repo,
            run=incident.run,
            attempt=incident.attempt,
            why=why,
            due_at=at,
            created_at=now,
        )
        retry = await tx.new_retry(wish)
        if retry is None:
            return incident
        await tx.due(DueKind.RETRY, str(retry.id), key=f"retry:{retry.id}", at=at)
        what = story.retry_planned(after, why)
        await tx.tell(entry(incident, Fact.RETRY_PLANNED, source=str(retry.id), at=now, what=what))
        return incident
