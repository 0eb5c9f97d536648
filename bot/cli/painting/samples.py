"""One of every message that people meet, as the bot's own builders word it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.domain.failure import Advice, Cause, Diagnosis, ExcerptLine, History
from bot.domain.grouping import FailedJob
from bot.domain.ids import IncidentId, LaneId, RepoId, RetryId, RunId, WorkflowId
from bot.domain.incident import Ending, Fact, Incident, State, TimelineEntry
from bot.domain.lane import Lane, LaneKind
from bot.domain.person import Person, Platform
from bot.domain.retry import Retry, RetryState
from bot.domain.run import Commit, Conclusion, Repository, Run, Status
from bot.domain.storm import Tally
from bot.messages import answers, story
from bot.messages.blindness import blind_note
from bot.messages.card import incident_card
from bot.messages.digest import DigestFacts, digest_call, digest_card
from bot.messages.facts import CardFacts
from bot.messages.thread import thread_note
from bot.messages.views import Answer, View

NOW: Final = datetime(2026, 11, 24, 14, 7, 12, tzinfo=UTC)
PEOPLE: Final = {"U0ANA": "ana", "S0ONCALL": "on-call", "4201": "ana", "4242": "on-call"}
ANA: Final = Person(platform=Platform.SLACK, id="U0ANA", name="ana")
CALL: Final = ("slack:group:S0ONCALL", "discord:role:4242")
WEB: Final = RepoId(8)
REPO: Final = Repository(
    id=RepoId(7),
    full_name="acme/app",
    private=False,
    default_branch="main",
    url="https://github.com/acme/app",
)
RUN: Final = Run(
    id=RunId(812),
    attempt=1,
    number=418,
    repo=REPO.id,
    workflow=WorkflowId(3),
    workflow_name="CI",
    event="push",
    head_branch="main",
    head_repo=REPO.id,
    sha="1a2b3c4d5e6f",
    status=Status.COMPLETED,
    conclusion=Conclusion.FAILURE,
    actor="ana",
    triggering_actor="ana",
    author="Ana",
    url="https://github.com/acme/app/actions/runs/812",
    created_at=NOW - timedelta(minutes=9),
    updated_at=NOW - timedelta(minutes=4),
)
MAIN: Final = Lane(repo=REPO.id, workflow=RUN.workflow, kind=LaneKind.PUSH, name="main")
OPENED: Final = Incident(
    id=IncidentId(12),
    lane_id=LaneId(1),
    lane=MAIN,
    workflow="CI",
    opened_at=RUN.updated_at,
    red_since=RUN.updated_at,
    run=RUN.id,
    attempt=1,
    number=RUN.number,
    sha=RUN.sha,
    last_green_run=RunId(790),
    last_green_sha="0f1e2d3c",
    last_green_at=NOW - timedelta(hours=3),
)
REGISTRY: Final = Diagnosis(
    cause=Cause.REGISTRY_5XX,
    confidence=0.95,
    retry=Advice.YES,
    reason="the registry answered 503",
    fingerprint="registry_5xx:ghcr.io",
    excerpt=(
        ExcerptLine(number=810, text="#19 exporting to image"),
        ExcerptLine(number=811, text="#19 pushing layers 8.1s done"),
        ExcerptLine(
            number=812,
            text="#19 ERROR: failed to push ghcr.io/acme/app: unexpected status: "
            "503 Service Unavailable",
        ),
        ExcerptLine(number=815, text="ERROR: failed to build: failed to solve"),
    ),
)
BROKEN_TEST: Final = Diagnosis(
    cause=Cause.TEST_FAILURE,
    confidence=0.9,
    retry=Advice.NO,
    reason="test_total_includes_shipping failed",
    fingerprint="test_failure:total",
    excerpt=(
        ExcerptLine(number=204, text="    def test_total_includes_shipping():"),
        ExcerptLine(number=206, text=">       assert order.total == 1250"),
        ExcerptLine(number=207, text="E       assert 1000 == 1250"),
        ExcerptLine(
            number=214, text="FAILED tests/test_order.py::test_total_includes_shipping - assert ..."
        ),
    ),
    names=("tests/test_order.py::test_total_includes_shipping",),
)
MATRIX: Final = tuple(
    FailedJob(name=f"build (linux/{cell})", step="Build and push", diagnosis=REGISTRY)
    for cell in ("amd64", "arm64", "arm/v7")
)
UNIT: Final = (FailedJob(name="unit", step="Run tests", diagnosis=BROKEN_TEST),)
PLANNED: Final = Retry(
    id=RetryId(1),
    incident=OPENED.id,
    repo=REPO.id,
    run=RUN.id,
    attempt=1,
    due_at=NOW + timedelta(seconds=50),
    created_at=NOW,
)
SUSPECTS: Final = tuple(
    Commit(sha=sha, title=title, author=author, url=f"https://github.com/acme/app/commit/{sha}")
    for sha, title, author in (
        ("1a2b3c4d5e6f", "Leave shipping out of the total", "bo"),
        ("77aa88bb99cc", "Bump elixir from 1.18 to 1.19", "ana"),
    )
)


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    shows: View | Answer


def samples() -> Iterator[Sample]:
    """Yield every state of a card, then lines of threads, then answers."""
    yield from _cards()
    yield from _notices()
    yield from _lines()
    yield from _answers()


def _facts(incident: Incident, **more: Any) -> CardFacts:  # noqa: ANN401 - fields of CardFacts
    return CardFacts(incident=incident, repo=REPO, run=RUN, **more)


def _known(found: Diagnosis, **changes: Any) -> Incident:  # noqa: ANN401 - fields of Incident
    known = replace(OPENED, cause=found.cause, reason=found.reason, diagnosed=(RUN.id, 1), jobs=15)
    return replace(known, **changes)


def _cards() -> Iterator[Sample]:
    met = History(attempts=9, rerun=6, passed=6, first_run=301)
    transient = _known(REGISTRY)
    real = _known(BROKEN_TEST, outlook="a failed test does not pass by itself", suspects=SUSPECTS)
    yield Sample("reading-the-log", incident_card(_facts(OPENED)))
    yield Sample("early", incident_card(_facts(replace(OPENED, early=True))))
    yield Sample(
        "retry-planned",
        incident_card(_facts(transient, failed=MATRIX, retries=(PLANNED,), history=met)),
    )
    sent = replace(PLANNED, state=RetryState.SENT, by=ANA)
    yield Sample(
        "retry-running",
        incident_card(_facts(transient, failed=MATRIX, retries=(sent,), history=met)),
    )
    yield Sample("real-break", incident_card(_facts(real, failed=UNIT)))
    taken = replace(real, state=State.ACKNOWLEDGED, owner=ANA)
    yield Sample("acknowledged", incident_card(_facts(taken, failed=UNIT)))
    waits = replace(OPENED, log_wait=story.log_waits("GitHub has no log yet"))
    yield Sample("no-log", incident_card(_facts(waits)))
    for how, by in (
        (Ending.GREEN, "retry by the bot (attempt 2)"),
        (Ending.SUPERSEDED, "v2024.8.7 is green"),
        (Ending.RESOLVED, "ana"),
    ):
        ended = transient.end(how, by=by, at=NOW + timedelta(minutes=10))
        yield Sample(f"ended-{how}", incident_card(_facts(ended, failed=MATRIX)))


def _notices() -> Iterator[Sample]:
    long_ago = NOW - timedelta(hours=2)
    unknown = replace(_known(REGISTRY), unconfirmed_since=long_ago, red_since=long_ago)
    yield Sample("state-unknown", incident_card(_facts(unknown, failed=MATRIX, unknown=True)))
    storm = DigestFacts(
        since=NOW - timedelta(minutes=4),
        until=None,
        tallies=(
            _tally(REPO.id, Cause.REGISTRY_5XX, 190),
            _tally(WEB, Cause.REGISTRY_5XX, 84),
            _tally(WEB, None, 6),
            _tally(REPO.id, Cause.REGISTRY_5XX, 32, ending=Ending.GREEN),
        ),
        names={REPO.id: REPO.full_name, WEB: "acme/web"},
        listed=tuple(_listed(number) for number in range(326, 320, -1)),
    )
    yield Sample("digest", digest_card(storm))
    yield Sample("digest-over", digest_card(replace(storm, until=NOW)))
    yield Sample("digest-call", digest_call(storm, CALL))
    yield Sample(
        "blind",
        blind_note(
            since=NOW - timedelta(minutes=40), until=NOW - timedelta(minutes=5), runs=7, failures=1
        ),
    )


def _tally(repo: RepoId, cause: Cause | None, count: int, ending: Ending | None = None) -> Tally:
    return Tally(
        repo=repo, cause=cause, ending=ending, incidents=count, held=count, calling=0, newest=NOW
    )


def _listed(number: int) -> Incident:
    branch = MAIN if number % 2 else replace(MAIN, name="release-2")
    known = _known(REGISTRY) if number % 3 else OPENED
    return replace(known, id=IncidentId(number), lane=branch)


def _lines() -> Iterator[Sample]:
    facts = (
        (Fact.CAUSE, story.cause_found(REGISTRY.reason, REGISTRY.cause), ""),
        (Fact.RETRY_SENT, "attempt 2 runs.", "ana"),
        (Fact.CALLED, story.still_broken(OPENED, after=timedelta(minutes=15)), ""),
        (Fact.ENDED, story.ended(Ending.GREEN, by="retry by ana (attempt 2)"), ""),
    )
    for kind, what, who in facts:
        line = TimelineEntry(
            incident=OPENED.id, kind=kind, source="812/1", at=NOW, who=who, what=what
        )
        note = thread_note(line, call=CALL)
        if note:
            yield Sample(f"thread-{kind}", note)


def _answers() -> Iterator[Sample]:
    known = _known(REGISTRY)
    yield Sample("answer-taken", answers.acknowledged(OPENED))
    yield Sample("answer-incidents", answers.incident_list([(known, REPO.full_name)]))
    yield Sample(
        "answer-refused",
        answers.refusal("Only writers of acme/app may retry this. Ask @ana or @bo."),
    )
