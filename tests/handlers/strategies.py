"""Any facts that a card may be drawn from."""

from datetime import timedelta

from hypothesis import strategies as st

from bot.domain.failure import Advice, Cause, History
from bot.domain.incident import Ending, Incident, State
from bot.domain.lane import LaneKind
from bot.domain.retry import RetryState, Scope
from bot.messages.facts import CardFacts
from tests.unit.made import (
    ANA,
    BO,
    INCIDENT,
    NOON,
    REGISTRY_503,
    REPO,
    TEST_FAILED,
    a_commit,
    a_failed_job,
    a_lane,
    a_retry,
    a_run,
    an_incident,
)

words = st.text(max_size=20)
people = st.sampled_from([ANA, BO])
moments = st.timedeltas(timedelta(0), timedelta(days=3)).map(lambda time: NOON + time)
lanes = st.builds(a_lane, st.sampled_from(LaneKind), words.map(lambda word: f"7:{word}"))
runs = st.sampled_from([INCIDENT.run, a_run(43).id])
attempts = st.integers(1, 3)

open_incidents = st.builds(
    an_incident,
    lane=lanes,
    state=st.sampled_from([State.OPEN, State.ACKNOWLEDGED]),
    owner=st.none() | people,
    run=runs,
    attempt=attempts,
    streak=st.integers(1, 5),
    early=st.booleans(),
    last_green_at=st.none() | moments,
    cause=st.none() | st.sampled_from(Cause),
    reason=words,
    diagnosed=st.none() | st.tuples(runs, attempts),
    jobs=st.integers(0, 20),
    suspects=st.lists(st.builds(a_commit, title=words), max_size=5).map(tuple),
    outlook=words,
    log_wait=words,
    green_run=st.none() | runs,
)


@st.composite
def incidents(draw: st.DrawFn) -> Incident:
    incident = draw(open_incidents)
    if draw(st.booleans()):
        return incident
    return incident.end(draw(st.sampled_from(Ending)), by=draw(words), at=draw(moments))


retries = st.builds(
    a_retry,
    run=runs,
    attempt=attempts,
    scope=st.sampled_from(Scope),
    by=st.none() | people,
    state=st.sampled_from(RetryState),
    tries=st.integers(0, 2),
)
failed_jobs = st.builds(
    a_failed_job,
    words,
    step=words,
    diagnosis=st.sampled_from([REGISTRY_503, TEST_FAILED]),
    retry=st.sampled_from(Advice),
    fingerprint=st.sampled_from("abc"),
) | st.builds(a_failed_job, words, step=words, diagnosis=st.none())

card_facts = st.builds(
    CardFacts,
    incident=incidents(),
    repo=st.just(REPO),
    run=st.builds(a_run, url=st.sampled_from(["", "https://github.example/run/812"])),
    failed=st.lists(failed_jobs, max_size=8).map(tuple),
    retries=st.lists(retries, max_size=3).map(tuple),
    history=st.builds(
        History,
        attempts=st.integers(0, 3),
        first_run=st.integers(1, 42),
        rerun=st.integers(0, 3),
        passed=st.integers(0, 3),
    ),
)
