"""Rows to store, with every field set, so that a lost one is seen."""

from datetime import UTC, datetime, timedelta

from bot.domain.events import Delivery
from bot.domain.failure import Advice, Cause, Diagnosis, ExcerptLine
from bot.domain.ids import (
    CardId,
    DeliveryId,
    IncidentId,
    InstallationId,
    JobId,
    LaneId,
    NoticeId,
    PressId,
    RepoId,
    RetryId,
    RunId,
    WorkflowId,
)
from bot.domain.incident import Ending, Fact, Incident, State, TimelineEntry
from bot.domain.lane import Lane, LaneKind
from bot.domain.person import Person, Platform
from bot.domain.press import Press, PressKind, Target
from bot.domain.retry import Retry, RetryState, Scope
from bot.domain.run import Commit, Conclusion, Job, Repository, Run, Status, Step
from bot.domain.subscription import Place
from bot.ports.notices import Notice, NoticeKind, NoticeState
from bot.ports.rows import Card, CardState, JobDiagnosis, Sketch

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
SOON = NOW + timedelta(seconds=30)
LATER = NOW + timedelta(minutes=10)
BEFORE = NOW - timedelta(minutes=10)

REPO = RepoId(7)
LANE = Lane(repo=REPO, workflow=WorkflowId(3), kind=LaneKind.PUSH, name="main")
OTHER_LANE = Lane(repo=REPO, workflow=WorkflowId(3), kind=LaneKind.TAG, name="main")
ANA = Person(platform=Platform.SLACK, id="U1", name="ana")
HERE = Place(platform=Platform.SLACK, channel="C1")
THERE = Place(platform=Platform.DISCORD, channel="99")

REPOSITORY = Repository(
    id=REPO,
    full_name="acme/app",
    private=True,
    default_branch="main",
    url="https://github.example/acme/app",
    installation=InstallationId(5),
    updated_at=NOW,
)
RUN = Run(
    id=RunId(812),
    attempt=1,
    number=40,
    repo=REPO,
    workflow=WorkflowId(3),
    workflow_name="CI",
    event="push",
    head_branch="main",
    head_repo=REPO,
    sha="1a2b3c4",
    status=Status.COMPLETED,
    conclusion=Conclusion.FAILURE,
    title="Bump elixir",
    actor="ana",
    triggering_actor="bo",
    author="Ana",
    url="https://github.example/runs/812",
    created_at=BEFORE,
    updated_at=NOW,
)
JOB = Job(
    id=JobId(2_000_000_000_001),
    run=RUN.id,
    attempt=1,
    name="build (linux/arm64)",
    status=Status.COMPLETED,
    conclusion=Conclusion.FAILURE,
    steps=(
        Step(number=1, name="Set up job", conclusion=Conclusion.SUCCESS, started_at=BEFORE),
        Step(number=2, name="Build", conclusion=Conclusion.FAILURE, completed_at=NOW),
        Step(number=3, name="Push", conclusion=None),
    ),
    url="https://github.example/jobs/1",
    environment="production",
    delivered=True,
    started_at=BEFORE,
    completed_at=NOW,
)
OPEN = Incident(
    id=IncidentId(0),
    lane_id=LaneId(0),
    lane=LANE,
    opened_at=NOW,
    red_since=BEFORE,
    run=RUN.id,
    attempt=1,
    number=40,
    sha="1a2b3c4",
)
DETAILED = Incident(
    id=IncidentId(0),
    lane_id=LaneId(0),
    lane=LANE,
    state=State.ENDED,
    workflow="CI",
    opened_at=NOW,
    red_since=BEFORE,
    run=RUN.id,
    attempt=2,
    number=40,
    sha="1a2b3c4",
    streak=3,
    early=True,
    last_green_run=RunId(800),
    last_green_sha="0000000",
    last_green_at=BEFORE,
    cause=Cause.REGISTRY_5XX,
    reason="the registry answered 503",
    diagnosed=(812, 2),
    jobs=12,
    suspects=(Commit(sha="1a2b3c4", title="Bump `elixir`", author="ana", url="https://x.example"),),
    outlook="a retry did not help",
    log_wait="GitHub is down",
    log_wait_until=LATER,
    green_run=RunId(813),
    green_attempt=1,
    owner=ANA,
    called_at=NOW,
    ended_at=LATER,
    ending=Ending.GREEN,
    ended_by="retry by the bot (attempt 2)",
    broken_jobs=("build", 'test "é"'),
    unconfirmed_since=SOON,
)
DIAGNOSIS = Diagnosis(
    cause=Cause.REGISTRY_5XX,
    confidence=0.9,
    retry=Advice.ONCE,
    wait=timedelta(minutes=2, milliseconds=5),
    reason="the registry answered 503",
    rule="docker/push-5xx",
    fingerprint="registry_5xx:push",
    excerpt=(ExcerptLine(number=812, text="#19 ERROR: \x1b 503 \u2028 end"),),
    names=("test_a",),
    redacted=2,
    notes=("the log was cut",),
)
FOUND = JobDiagnosis(
    repo=REPO,
    run=RUN.id,
    attempt=1,
    job=JOB.id,
    job_name=JOB.name,
    step="Build",
    sha=RUN.sha,
    at=NOW,
    diagnosis=DIAGNOSIS,
)
RETRY = Retry(
    id=RetryId(0),
    incident=IncidentId(0),
    repo=REPO,
    run=RUN.id,
    attempt=1,
    scope=Scope.ALL,
    debug=True,
    by=ANA,
    confirmed=True,
    why="this usually passes",
    due_at=SOON,
    state=RetryState.SENT,
    outcome="asked",
    tries=1,
    tried_at=NOW,
    created_at=NOW,
)
CARD = Card(
    id=CardId(0),
    incident=IncidentId(0),
    place=HERE,
    state=CardState.SHOWN,
    message="171.5",
    thread="171.5",
    told=3,
    shown="digest",
    tries=1,
    tried_at=NOW,
    notice=NoticeId(5),
)
NOTICE = Notice(
    id=NoticeId(0),
    kind=NoticeKind.BLIND,
    source="7",
    place=HERE,
    opened_at=BEFORE,
    closed_at=NOW,
    state=NoticeState.SHOWN,
    message="171.6",
    shown="digest",
    tries=1,
    tried_at=NOW,
    called_at=LATER,
)
SKETCH = Sketch(lane=LaneId(1), job_name="build", run=RunId(800), body=b"\x00\xff")
TOLD = TimelineEntry(
    incident=IncidentId(0), kind=Fact.CAUSE, source="812/1", at=NOW, who="the bot", what="503"
)
PRESS = Press(
    id=PressId("trigger-1"),
    kind=PressKind.BUTTON,
    name="retry",
    place=HERE,
    by=ANA,
    target=Target(incident=IncidentId(12), run=RUN.id, attempt=1),
    message="171.5",
    arguments={"scope": "failed"},
    token="https://hooks.example/answer",
    received_at=NOW,
)


def a_delivery(id: str = "d-1", *, repo: RepoId | None = REPO, body: bytes = b"{}") -> Delivery:
    return Delivery(id=DeliveryId(id), event="push", repo=repo, received_at=NOW, body=body)
