"""Domain values with good defaults; a test names only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.failure import Advice, Cause, Diagnosis, ExcerptLine
from bot.domain.grouping import FailedJob
from bot.domain.ids import (
    IncidentId,
    LaneId,
    PressId,
    RepoId,
    RetryId,
    RunId,
    WorkflowId,
)
from bot.domain.incident import Incident
from bot.domain.lane import Lane, LaneKind
from bot.domain.person import Person, Platform
from bot.domain.press import Press, PressKind, Target
from bot.domain.retry import Retry
from bot.domain.run import Commit, Conclusion, Repository, Run, Status
from bot.domain.subscription import Place

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
OURS, FORK = RepoId(7), RepoId(8)
ANA = Person(platform=Platform.SLACK, id="U1", name="ana")
BO = Person(platform=Platform.DISCORD, id="42", name="bo")
ROOM = Place(platform=Platform.SLACK, channel="C1")
TARGET = Target(incident=IncidentId(12), run=RunId(812), attempt=1)
MAIN = Lane(repo=OURS, workflow=WorkflowId(3), kind=LaneKind.PUSH, name="main")
REPO = Repository(
    id=OURS,
    full_name="acme/app",
    private=False,
    default_branch="main",
    url="https://github.example/acme/app",
)
RUN = Run(
    id=RunId(812),
    attempt=1,
    number=42,
    repo=OURS,
    workflow=WorkflowId(3),
    workflow_name="CI",
    event="push",
    head_branch="main",
    head_repo=OURS,
    sha="1a2b3c4d5e",
    status=Status.COMPLETED,
    conclusion=Conclusion.FAILURE,
    actor="ana",
    triggering_actor="ana",
    author="Ana",
    url="https://github.example/acme/app/actions/runs/812",
    created_at=NOON - timedelta(minutes=5),
    updated_at=NOON,
)
INCIDENT = Incident(
    id=IncidentId(12),
    lane_id=LaneId(1),
    lane=MAIN,
    workflow="CI",
    opened_at=NOON,
    red_since=NOON,
    run=RUN.id,
    attempt=1,
    number=42,
    sha=RUN.sha,
)
REGISTRY_503 = Diagnosis(
    cause=Cause.REGISTRY_5XX,
    confidence=0.95,
    retry=Advice.YES,
    reason="the registry answered 503",
    fingerprint="registry_5xx:push",
    excerpt=(ExcerptLine(number=812, text="ERROR: unexpected status: 503 Service Unavailable"),),
)
TEST_FAILED = Diagnosis(
    cause=Cause.TEST_FAILURE,
    confidence=0.9,
    retry=Advice.NO,
    reason="test_adds failed",
    fingerprint="test_failure:test_adds",
    excerpt=(ExcerptLine(number=31, text="FAILED tests/test_sum.py::test_adds"),),
    names=("tests/test_sum.py::test_adds",),
)
RETRY = Retry(
    id=RetryId(1),
    incident=INCIDENT.id,
    repo=OURS,
    run=RUN.id,
    attempt=1,
    due_at=NOON + timedelta(minutes=1),
    created_at=NOON,
)


def a_run(number: int = 42, attempt: int = 1, **changes: Any) -> Run:
    """Return a red run of main; another number is another run."""
    run = replace(RUN, id=RunId(770 + number), number=number, attempt=attempt)
    return replace(run, **changes)


def green(number: int = 42, attempt: int = 1, **changes: Any) -> Run:
    return a_run(number, attempt, conclusion=Conclusion.SUCCESS, **changes)


def running(number: int = 42, attempt: int = 1, **changes: Any) -> Run:
    return a_run(number, attempt, status=Status.RUNNING, conclusion=None, **changes)


def a_lane(kind: LaneKind, name: str) -> Lane:
    return replace(MAIN, kind=kind, name=name)


def an_incident(**changes: Any) -> Incident:
    return replace(INCIDENT, **changes)


def a_retry(**changes: Any) -> Retry:
    return replace(RETRY, **changes)


def a_failed_job(
    name: str = "build",
    *,
    step: str = "Build and push",
    diagnosis: Diagnosis | None = REGISTRY_503,
    **changes: Any,
) -> FailedJob:
    """Return a failed job; *changes* are those of its diagnosis."""
    found = replace(diagnosis, **changes) if diagnosis else None
    return FailedJob(name=name, step=step, diagnosis=found)


def a_commit(sha: str = "1a2b3c4d5e", title: str = "Bump elixir", author: str = "ana") -> Commit:
    return Commit(sha=sha, title=title, author=author, url=f"https://github.example/c/{sha}")


def a_press(kind: PressKind, name: str, **changes: Any) -> Press:
    press = Press(id=PressId("p1"), kind=kind, name=name, place=ROOM, by=ANA, received_at=NOON)
    return replace(press, **changes)
