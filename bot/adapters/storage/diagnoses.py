"""Diagnoses, one a failed job."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import String, and_, bindparam, case, cast, func, or_, select

from bot.adapters.storage.part import Part, loaded, row_of
from bot.adapters.storage.tables import (
    ATTEMPT,
    DIAGNOSIS,
    DUE,
    INCIDENT,
    IS_OPEN,
    LANE,
    REPOSITORY,
)
from bot.adapters.storage.upsert import all_but, upsert
from bot.domain.failure import History
from bot.domain.ids import InstallationId, RepoId, RunId
from bot.domain.lane import Lane
from bot.domain.run import Conclusion, Status
from bot.domain.work import DueKind
from bot.ports.rows import DiagnosisRows, JobDiagnosis, Waiting

_COPIES = ("cause", "confidence", "rule", "fingerprint")
_FIELDS = [column for column in DIAGNOSIS.c if column.name not in _COPIES]
_SAVE = upsert(DIAGNOSIS, keys=("job",), update=all_but(DIAGNOSIS, "job"))
_OF_ATTEMPT = (
    select(*_FIELDS)
    .where(DIAGNOSIS.c.run == bindparam("of_run"), DIAGNOSIS.c.attempt == bindparam("of_attempt"))
    .order_by(DIAGNOSIS.c.job)
)
_LANE = ("repo", "workflow", "kind", "name")
_UNDIAGNOSED = (
    select(
        INCIDENT.c.id.label("incident"),
        *(LANE.c[name] for name in _LANE),
        REPOSITORY.c.default_branch,
    )
    .join_from(INCIDENT, LANE, LANE.c.id == INCIDENT.c.lane_id)
    .join(REPOSITORY, REPOSITORY.c.id == LANE.c.repo)
    .join(DUE, and_(DUE.c.kind == DueKind.DIAGNOSIS, DUE.c.id == cast(INCIDENT.c.id, String)))
    .where(
        IS_OPEN,
        DUE.c.set_aside_at.is_(None),
        REPOSITORY.c.installation.is_not_distinct_from(bindparam("of_installation")),
    )
)
_ON_COMMIT = (
    select(DIAGNOSIS.c.fingerprint)
    .distinct()
    .where(
        DIAGNOSIS.c.repo == bindparam("of_repo"),
        DIAGNOSIS.c.sha == bindparam("of_sha"),
        or_(
            DIAGNOSIS.c.run != bindparam("not_run"), DIAGNOSIS.c.attempt != bindparam("not_attempt")
        ),
        DIAGNOSIS.c.fingerprint.is_not(None),
    )
)
_HITS = (
    select(DIAGNOSIS.c.run, DIAGNOSIS.c.attempt)
    .distinct()
    .where(
        DIAGNOSIS.c.repo == bindparam("of_repo"),
        DIAGNOSIS.c.fingerprint == bindparam("of_fingerprint"),
        DIAGNOSIS.c.at >= bindparam("since"),
    )
    .subquery("hit")
)
_FAILED, _AGAIN = ATTEMPT.alias("failed"), ATTEMPT.alias("again")
_HISTORY = select(
    func.count().label("attempts"),
    func.coalesce(func.min(_FAILED.c.number), 0).label("first_run"),
    func.count(_AGAIN.c.id).label("rerun"),
    func.coalesce(func.sum(case((_AGAIN.c.conclusion == Conclusion.SUCCESS, 1), else_=0)), 0).label(
        "passed"
    ),
).select_from(
    _HITS.outerjoin(
        _FAILED, and_(_FAILED.c.id == _HITS.c.run, _FAILED.c.attempt == _HITS.c.attempt)
    ).outerjoin(
        _AGAIN,
        and_(
            _AGAIN.c.id == _HITS.c.run,
            _AGAIN.c.attempt == _HITS.c.attempt + 1,
            _AGAIN.c.status == Status.COMPLETED,
        ),
    )
)


class Diagnoses(Part):
    async def save_diagnosis(self, found: JobDiagnosis) -> None:
        copies = {name: getattr(found.diagnosis, name, None) for name in _COPIES}
        await self._write(_SAVE, row_of(found) | copies)

    async def diagnoses(self, run: RunId, attempt: int) -> Sequence[JobDiagnosis]:
        rows = await self._all(_OF_ATTEMPT, of_run=run, of_attempt=attempt)
        return [loaded(JobDiagnosis, row) for row in rows]

    async def undiagnosed(self, installation: InstallationId | None) -> Sequence[Waiting]:
        rows = await self._all(_UNDIAGNOSED, of_installation=installation)
        return [
            Waiting(
                incident=row["incident"],
                lane=Lane(**{name: row[name] for name in _LANE}),
                default_branch=row["default_branch"],
            )
            for row in rows
        ]

    async def history(self, repo: RepoId, fingerprint: str, *, since: datetime) -> History:
        row = await self._one(_HISTORY, of_repo=repo, of_fingerprint=fingerprint, since=since)
        return loaded(History, row) if row else History()

    async def fingerprints_on(
        self, repo: RepoId, sha: str, *, apart_from: tuple[RunId, int]
    ) -> frozenset[str]:
        run, attempt = apart_from
        rows = await self._all(
            _ON_COMMIT, of_repo=repo, of_sha=sha, not_run=run, not_attempt=attempt
        )
        return frozenset(row["fingerprint"] for row in rows)


def _promise(rows: Diagnoses) -> DiagnosisRows:
    return rows
