"""The bot retries by itself only what usually passes, and says why where it does not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.failure import Advice, Diagnosis
from bot.domain.lane import LaneKind
from bot.domain.retry import (
    UNSEEN_DEPLOYMENTS,
    Deploys,
    FailedRun,
    LeaveFailed,
    Offer,
    Rerun,
    RetryPolicy,
)
from tests.unit.made import ANA, REGISTRY_503, TEST_FAILED, a_retry

ONCE = replace(REGISTRY_503, retry=Advice.ONCE, fingerprint="oom:build")
PATIENT = RetryPolicy(max_retries=3)
DAYS_30 = timedelta(days=30)


def a_failed_run(*failures: Diagnosis, **changes: Any) -> FailedRun:
    """Return a run of which one job failed for a reason that passes."""
    run = FailedRun(
        failures=failures or (REGISTRY_503,),
        groups=1,
        unread_jobs=0,
        green_jobs=9,
        done=0,
        attempt=1,
        lane=LaneKind.PUSH,
        workflow="CI",
        deploys=Deploys.NO,
        from_fork=False,
        newer_run=False,
        cancelled=False,
        seen_on_commit=frozenset(),
        age=timedelta(minutes=5),
    )
    return replace(run, **changes)


def asking(wait: timedelta) -> Diagnosis:
    return replace(REGISTRY_503, wait=wait)


@pytest.mark.parametrize(
    ("policy", "run", "after"),
    [
        pytest.param(
            RetryPolicy(), a_failed_run(), timedelta(seconds=60), id="first-waits-a-minute"
        ),
        pytest.param(PATIENT, a_failed_run(done=1), timedelta(minutes=5), id="second-5-min"),
        pytest.param(PATIENT, a_failed_run(done=2), timedelta(minutes=20), id="third-20-min"),
        pytest.param(
            RetryPolicy(),
            a_failed_run(asking(timedelta(minutes=7)), REGISTRY_503),
            timedelta(minutes=7),
            id="a-rule-asks-for-longer",
        ),
        pytest.param(
            RetryPolicy(),
            a_failed_run(asking(timedelta(seconds=1))),
            timedelta(seconds=60),
            id="no-rule-makes-it-shorter",
        ),
        pytest.param(
            RetryPolicy(),
            a_failed_run(asking(timedelta(days=1))),
            timedelta(hours=1),
            id="no-rule-makes-it-wait-for-ever",
        ),
        pytest.param(
            RetryPolicy(), a_failed_run(ONCE), timedelta(seconds=60), id="once-was-not-seen-before"
        ),
        pytest.param(
            RetryPolicy(),
            a_failed_run(seen_on_commit=frozenset({REGISTRY_503.fingerprint})),
            timedelta(seconds=60),
            id="transient-may-come-twice-on-one-commit",
        ),
        pytest.param(RetryPolicy(), a_failed_run(groups=5), timedelta(seconds=60), id="five"),
        pytest.param(
            RetryPolicy(),
            a_failed_run(groups=1, green_jobs=0),
            timedelta(seconds=60),
            id="a-whole-matrix-that-fails-the-same-way-is-one-failure",
        ),
        pytest.param(
            RetryPolicy(),
            a_failed_run(groups=3, green_jobs=0),
            timedelta(seconds=60),
            id="three-failures-are-too-few-to-count-greens",
        ),
        pytest.param(
            RetryPolicy(),
            a_failed_run(groups=5, green_jobs=3),
            timedelta(seconds=60),
            id="three-of-eight-are-green",
        ),
        pytest.param(
            RetryPolicy(max_retries=60),
            a_failed_run(attempt=50),
            timedelta(seconds=60),
            id="the-fiftieth-re-run",
        ),
        pytest.param(
            RetryPolicy(releases=True),
            a_failed_run(lane=LaneKind.TAG),
            timedelta(seconds=60),
            id="releases-opted-in",
        ),
    ],
)
def test_it_retries(policy: RetryPolicy, run: FailedRun, after: timedelta) -> None:
    decision = policy.decide(run)

    assert isinstance(decision, Rerun)
    assert decision.after == after


@pytest.mark.parametrize(
    ("policy", "run", "why"),
    [
        pytest.param(
            RetryPolicy(),
            a_failed_run(REGISTRY_503, TEST_FAILED),
            "a failed test does not pass by itself",
            id="one-job-is-not-transient",
        ),
        pytest.param(
            RetryPolicy(),
            a_failed_run(ONCE, seen_on_commit=frozenset({ONCE.fingerprint})),
            "a server error of a registry does not pass by itself",
            id="once-came-twice-on-one-commit",
        ),
        pytest.param(
            RetryPolicy(),
            a_failed_run(unread_jobs=2),
            "not every log was read, 2 missing",
            id="unread",
        ),
        pytest.param(
            RetryPolicy(),
            replace(a_failed_run(), failures=()),
            "no failed job could be read",
            id="nothing-read",
        ),
        pytest.param(
            RetryPolicy(),
            a_failed_run(groups=6),
            "6 different jobs failed, which is no accident",
            id="more-than-five",
        ),
        pytest.param(
            RetryPolicy(),
            a_failed_run(groups=5, green_jobs=2),
            "too much is broken (5 failures, 2 green)",
            id="under-thirty-percent-green",
        ),
        pytest.param(
            RetryPolicy(),
            a_failed_run(groups=4, green_jobs=0),
            "too much is broken (4 failures, 0 green)",
            id="four-failures-and-nothing-green",
        ),
        pytest.param(
            RetryPolicy(), a_failed_run(cancelled=True), "the run was cancelled", id="cancelled"
        ),
        pytest.param(RetryPolicy(), a_failed_run(from_fork=True), "it is a fork's run", id="fork"),
        pytest.param(
            RetryPolicy(),
            a_failed_run(lane=LaneKind.QUEUE),
            "the merge queue makes a new run for each entry",
            id="merge-queue",
        ),
        pytest.param(
            RetryPolicy(), a_failed_run(newer_run=True), "a newer run has started", id="newer-run"
        ),
        pytest.param(
            RetryPolicy(),
            a_failed_run(age=DAYS_30),
            "GitHub re-runs nothing older than 30 days",
            id="too-old",
        ),
        pytest.param(
            RetryPolicy(max_retries=60),
            a_failed_run(attempt=51),
            "GitHub allows 50 re-runs of one run",
            id="fifty-re-runs",
        ),
        pytest.param(
            RetryPolicy(max_retries=0),
            a_failed_run(),
            "automatic retries are switched off",
            id="switched-off",
        ),
        pytest.param(RetryPolicy(), a_failed_run(done=1), "a retry did not help", id="one-a-run"),
        pytest.param(PATIENT, a_failed_run(done=3), "3 retries did not help", id="three-a-run"),
        pytest.param(
            RetryPolicy(releases=True),
            a_failed_run(lane=LaneKind.TAG, newer_run=True),
            "a newer run has started",
            id="an-opted-in-release-keeps-the-other-limits",
        ),
    ],
)
def test_it_leaves_the_run_failed(policy: RetryPolicy, run: FailedRun, why: str) -> None:
    assert policy.decide(run) == LeaveFailed(why=why)


@pytest.mark.parametrize(
    ("policy", "run"),
    [
        pytest.param(RetryPolicy(), a_failed_run(lane=LaneKind.TAG), id="tag"),
        pytest.param(RetryPolicy(), a_failed_run(lane=LaneKind.RELEASE), id="release"),
        pytest.param(RetryPolicy(), a_failed_run(deploys=Deploys.YES), id="environment"),
        pytest.param(
            RetryPolicy(),
            a_failed_run(lane=LaneKind.TAG, deploys=Deploys.UNSEEN),
            id="tag-whatever-it-deploys",
        ),
        pytest.param(
            RetryPolicy(release_workflows=("Deploy*",)),
            a_failed_run(workflow="Deploy to staging"),
            id="named-by-a-setting",
        ),
    ],
)
def test_a_release_is_offered_and_not_done(policy: RetryPolicy, run: FailedRun) -> None:
    assert policy.decide(run) == Offer(why="a person decides about releases")


def test_in_doubt_a_run_deploys() -> None:
    run = a_failed_run(deploys=Deploys.UNSEEN)

    assert RetryPolicy().decide(run) == Offer(why=UNSEEN_DEPLOYMENTS)
    assert isinstance(RetryPolicy(releases=True).decide(run), Rerun)


def test_a_release_with_a_real_break_is_not_even_offered() -> None:
    run = a_failed_run(TEST_FAILED, lane=LaneKind.TAG)

    assert isinstance(RetryPolicy().decide(run), LeaveFailed)


failed_runs = st.builds(
    a_failed_run,
    groups=st.integers(1, 9),
    unread_jobs=st.integers(0, 1),
    green_jobs=st.integers(0, 20),
    done=st.integers(0, 4),
    attempt=st.integers(1, 60),
    lane=st.sampled_from(LaneKind),
    deploys=st.sampled_from(Deploys),
    from_fork=st.booleans(),
    newer_run=st.booleans(),
    cancelled=st.booleans(),
    age=st.timedeltas(timedelta(0), timedelta(days=60)),
)
policies = st.builds(
    RetryPolicy, max_retries=st.integers(0, 3), releases=st.booleans(), waits=st.just(PATIENT.waits)
)


@given(policies, failed_runs)
def test_no_reason_to_stop_is_ever_outvoted(policy: RetryPolicy, run: FailedRun) -> None:
    """Whatever speaks for a retry, each single limit holds."""
    decision = policy.decide(run)

    if not isinstance(decision, Rerun):
        assert decision.why
        return
    assert not any((run.from_fork, run.newer_run, run.cancelled, run.unread_jobs))
    assert run.lane is not LaneKind.QUEUE
    assert run.done < policy.max_retries
    assert run.age < DAYS_30
    assert policy.releases or not policy.is_release(
        run.lane, workflow=run.workflow, deploys=run.deploys
    )
    assert timedelta(seconds=60) <= decision.after <= policy.longest_wait


def test_a_retry_names_who_wanted_it() -> None:
    assert a_retry().who == "the bot"
    assert a_retry(by=ANA).who == "ana"
    assert a_retry(by=replace(ANA, name="")).who == "U1"
