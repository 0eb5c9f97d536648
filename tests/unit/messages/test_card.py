"""The card while it is red, as somebody reads it who was just woken."""

from dataclasses import replace
from datetime import timedelta

import pytest
from inline_snapshot import snapshot

from bot.domain.failure import History
from bot.domain.ids import RunId
from bot.domain.incident import State
from bot.domain.lane import LaneKind
from bot.domain.retry import UNSEEN_DEPLOYMENTS, RetryState
from bot.messages.card import incident_card
from bot.messages.text import plain
from tests.unit.made import (
    ANA,
    NOON,
    TEST_FAILED,
    a_commit,
    a_failed_job,
    a_lane,
    a_retry,
)
from tests.unit.messages.facts import BROKEN, KNOWN, MATRIX, facts
from tests.unit.messages.reading import drawn, lines


def test_while_the_log_is_read() -> None:
    assert drawn(facts()) == snapshot("""\
BROKEN  acme/app CI on main: the build failed, reading the log (#12)
I am reading the log. Nobody has taken it. It broke 2026-11-24 12:00 UTC.
[Retry failed jobs] [Acknowledge] [Open run]
More: Retry all jobs, Retry with debug logging, Resolve\
""")


def test_early_while_others_still_run() -> None:
    assert drawn(facts(early=True)) == snapshot("""\
BROKEN  acme/app CI on main: a job failed, others still run (#12)
Nothing to do yet: the run has not ended. Nobody has taken it. It broke 2026-11-24 12:00
    UTC.
[Retry failed jobs] [Acknowledge] [Open run]
More: Retry all jobs, Retry with debug logging, Resolve\
""")


def test_early_with_a_reason() -> None:
    assert drawn(facts(early=True, failed=MATRIX[:1], **KNOWN)) == snapshot("""\
BROKEN  acme/app CI on main: the registry answered 503 (#12)
Nothing to do yet: the run has not ended. Nobody has taken it. It broke 2026-11-24 12:00
    UTC.
  812  ERROR: unexpected status: 503 Service Unavailable
1 of 15 jobs failed in "Build and push": build (linux/amd64) · registry_5xx, usually
    passes on retry
[Retry failed jobs] [Acknowledge] [Full log] [Open run]
More: Retry all jobs, Retry with debug logging, Resolve\
""")


def test_while_githubs_api_is_down() -> None:
    assert drawn(facts(log_wait="The log waits: GitHub does not answer.")) == snapshot("""\
BROKEN  acme/app CI on main: the build failed, log not read yet (#12)
The log waits: GitHub does not answer. Nobody has taken it. It broke 2026-11-24 12:00
    UTC.
[Retry failed jobs] [Acknowledge] [Open run]
More: Retry all jobs, Retry with debug logging, Resolve\
""")


def test_while_the_log_has_to_wait_for_its_turn() -> None:
    later = NOON + timedelta(minutes=9)
    told = drawn(facts(log_wait="The log waits: many broke.", log_wait_until=later))
    assert "The log waits: many broke. I read it at about 2026-11-24 12:09 UTC." in told


def test_while_nobody_can_tell_how_it_stands() -> None:
    """Never "running" or "reading" for ever."""
    doubted = facts(unconfirmed_since=NOON, early=True)
    assert drawn(replace(doubted, unknown=True)) == snapshot("""\
BROKEN  acme/app CI on main: a job failed (#12)
State unknown since 2026-11-24 12:00 UTC: GitHub does not answer. Nobody has taken it.
    It broke 2026-11-24 12:00 UTC.
[Retry failed jobs] [Acknowledge] [Open run]
More: Retry all jobs, Retry with debug logging, Resolve\
""")


def test_a_retry_is_planned() -> None:
    told = facts(
        failed=MATRIX, retries=(a_retry(),), last_green_at=NOON - timedelta(hours=3), **KNOWN
    )
    assert drawn(told) == snapshot("""\
BROKEN  acme/app CI on main: the registry answered 503 (#12)
Nothing to do yet: I retry at 2026-11-24 12:01 UTC and call you if it fails. Nobody has
    taken it. It broke 2026-11-24 12:00 UTC, last green 2026-11-24 09:00 UTC.
  812  ERROR: unexpected status: 503 Service Unavailable
2 of 15 jobs failed in "Build and push": build (linux/amd64) and 1 more · registry_5xx,
    usually passes on retry
[Retry now] [Acknowledge] [Full log] [Open run]
More: Retry all jobs, Retry with debug logging, Resolve\
""")


def test_a_retry_that_github_did_not_take_yet() -> None:
    told = facts(failed=MATRIX, retries=(a_retry(tries=1),), **KNOWN)
    assert lines([incident_card(told).action]) == snapshot(
        """\
GitHub has not taken the retry yet; I keep trying. Nobody has taken it. It broke
    2026-11-24 12:00 UTC.\
"""
    )


def test_a_retry_by_the_bot_runs() -> None:
    told = facts(failed=MATRIX, retries=(a_retry(state=RetryState.SENT),), **KNOWN)
    assert drawn(told) == snapshot("""\
BROKEN  acme/app CI on main: the registry answered 503 (#12)
Nothing to do yet: the bot retried it, attempt 2 runs. Nobody has taken it. It broke
    2026-11-24 12:00 UTC.
  812  ERROR: unexpected status: 503 Service Unavailable
2 of 15 jobs failed in "Build and push": build (linux/amd64) and 1 more · registry_5xx,
    usually passes on retry
[Acknowledge] [Full log] [Open run]
More: Resolve\
""")


def test_a_retry_by_a_person_waits_for_the_end_of_the_run() -> None:
    told = facts(early=True, retries=(a_retry(by=ANA),))
    assert drawn(told) == snapshot("""\
BROKEN  acme/app CI on main: a job failed, others still run (#12)
@ana asked for a retry; I start it when the run ends. Nobody has taken it. It broke
    2026-11-24 12:00 UTC.
[Acknowledge] [Open run]
More: Resolve\
""")


def test_a_retry_by_a_person_starts() -> None:
    told = facts(failed=MATRIX, retries=(a_retry(by=ANA),), **KNOWN)
    assert lines([incident_card(told).action]) == snapshot(
        """\
@ana asked for a retry; it starts now. Nobody has taken it. It broke 2026-11-24 12:00
    UTC.\
"""
    )


def test_a_retry_by_a_person_runs() -> None:
    told = facts(failed=MATRIX, retries=(a_retry(by=ANA, state=RetryState.SENT),), **KNOWN)
    assert drawn(told) == snapshot("""\
BROKEN  acme/app CI on main: the registry answered 503 (#12)
Nothing to do yet: @ana retried it, attempt 2 runs. Nobody has taken it. It broke
    2026-11-24 12:00 UTC.
  812  ERROR: unexpected status: 503 Service Unavailable
2 of 15 jobs failed in "Build and push": build (linux/amd64) and 1 more · registry_5xx,
    usually passes on retry
[Acknowledge] [Full log] [Open run]
More: Resolve\
""")


def test_somebody_re_ran_it_on_github() -> None:
    retry = a_retry(state=RetryState.DONE_ELSEWHERE)
    assert lines([incident_card(facts(retries=(retry,), **KNOWN)).action]) == snapshot(
        """\
Nothing to do yet: attempt 2 runs, started on GitHub. Nobody has taken it. It broke
    2026-11-24 12:00 UTC.\
"""
    )


def test_github_refused_the_retry() -> None:
    told = facts(
        failed=MATRIX,
        retries=(a_retry(by=ANA, state=RetryState.REFUSED),),
        outlook="GitHub allows 50 re-runs of one run, and they are used up",
        **KNOWN,
    )
    assert drawn(told) == snapshot("""\
BROKEN  acme/app CI on main: the registry answered 503 (#12)
Please look: I do not retry this by myself, because GitHub allows 50 re-runs of one run,
    and they are used up. Nobody has taken it. It broke 2026-11-24 12:00 UTC.
  812  ERROR: unexpected status: 503 Service Unavailable
2 of 15 jobs failed in "Build and push": build (linux/amd64) and 1 more · registry_5xx,
    usually passes on retry
[Retry failed jobs] [Acknowledge] [Full log] [Open run]
More: Retry all jobs, Retry with debug logging, Resolve\
""")


def test_a_real_break_with_its_suspects() -> None:
    suspects = (
        a_commit("aaaaaaaaaa", "Bump elixir", "ana"),
        a_commit("bbbbbbbbbb", "Round half up", "bo"),
        a_commit("cccccccccc", "Tidy", "ana"),
        a_commit("dddddddddd", "Fix the sum", "bo"),
    )
    told = facts(
        failed=(a_failed_job("test", step="Run tests", diagnosis=TEST_FAILED),),
        suspects=suspects,
        streak=2,
        last_green_at=NOON - timedelta(days=2),
        history=History(attempts=3, first_run=40),
        **BROKEN,
    )
    assert drawn(told) == snapshot("""\
BROKEN  acme/app CI on main: test_adds failed (#12)
Please look: I do not retry this by myself, because a failed test does not pass by
    itself. Nobody has taken it. It broke 2026-11-24 12:00 UTC, 2 runs in a row, last
    green 2026-11-22 12:00 UTC.
  31  FAILED tests/test_sum.py::test_adds
1 of 15 jobs failed in "Run tests": test · test_failure, a retry does not help
tests/test_sum.py::test_adds
Seen 3 times in 21 days, first in run #40; never re-run since.
4 commits by ana, bo since the last green
bbbbbbb "Round half up" by bo
ccccccc "Tidy" by ana
ddddddd "Fix the sum" by bo
[Retry failed jobs] [Acknowledge] [Full log] [Open run]
More: Retry all jobs, Retry with debug logging, Resolve\
""")


def test_a_single_suspect_and_a_single_job() -> None:
    told = facts(
        failed=(a_failed_job("test", step="", diagnosis=TEST_FAILED),),
        suspects=(replace(a_commit(), url=""),),
        **{**BROKEN, "jobs": 1},
    )
    assert drawn(told) == snapshot("""\
BROKEN  acme/app CI on main: test_adds failed (#12)
Please look: I do not retry this by myself, because a failed test does not pass by
    itself. Nobody has taken it. It broke 2026-11-24 12:00 UTC.
  31  FAILED tests/test_sum.py::test_adds
The job failed: test · test_failure, a retry does not help
tests/test_sum.py::test_adds
1a2b3c4 "Bump elixir" by ana
[Retry failed jobs] [Acknowledge] [Full log] [Open run]
More: Retry all jobs, Retry with debug logging, Resolve\
""")


def test_somebody_has_it() -> None:
    told = facts(state=State.ACKNOWLEDGED, owner=ANA, **BROKEN)
    assert drawn(told) == snapshot("""\
BROKEN  acme/app CI on main: test_adds failed (#12)
Please look: I do not retry this by myself, because a failed test does not pass by
    itself. @ana has it. It broke 2026-11-24 12:00 UTC.
[Retry failed jobs] [Open run]
More: Retry all jobs, Retry with debug logging, Resolve\
""")


def test_a_newer_run_is_green_and_not_confirmed() -> None:
    told = facts(green_run=RunId(813), green_attempt=1, failed=MATRIX, **KNOWN)
    assert drawn(told) == snapshot("""\
BROKEN  acme/app CI on main: the registry answered 503 (#12)
It is green again; I am checking that the broken job really ran. Nobody has taken it. It
    broke 2026-11-24 12:00 UTC.
  812  ERROR: unexpected status: 503 Service Unavailable
2 of 15 jobs failed in "Build and push": build (linux/amd64) and 1 more · registry_5xx,
    usually passes on retry
[Retry failed jobs] [Acknowledge] [Full log] [Open run]
More: Retry all jobs, Retry with debug logging, Resolve\
""")


def test_many_different_failures() -> None:
    failed = tuple(
        a_failed_job(f"job {n}", step=f"Step {n}", fingerprint=f"f{n}") for n in range(7)
    )
    told = facts(failed=failed, outlook="7 different jobs failed, which is no accident", **KNOWN)
    assert drawn(told) == snapshot("""\
BROKEN  acme/app CI on main: the registry answered 503 (#12)
Please look: I do not retry this by myself, because 7 different jobs failed, which is no
    accident. Nobody has taken it. It broke 2026-11-24 12:00 UTC.
  812  ERROR: unexpected status: 503 Service Unavailable
1 of 15 jobs failed in "Step 0": job 0 · registry_5xx, usually passes on retry
1 of 15 jobs failed in "Step 1": job 1 · registry_5xx, usually passes on retry
1 of 15 jobs failed in "Step 2": job 2 · registry_5xx, usually passes on retry
1 of 15 jobs failed in "Step 3": job 3 · registry_5xx, usually passes on retry
3 more failures
[Retry failed jobs] [Acknowledge] [Full log] [Open run]
More: Retry all jobs, Retry with debug logging, Resolve\
""")


def test_an_unread_log_is_said() -> None:
    failed = (
        a_failed_job("test", diagnosis=TEST_FAILED),
        a_failed_job("x", step="Lint", diagnosis=None),
    )
    assert drawn(facts(failed=failed, **BROKEN)) == snapshot("""\
BROKEN  acme/app CI on main: test_adds failed (#12)
Please look: I do not retry this by myself, because a failed test does not pass by
    itself. Nobody has taken it. It broke 2026-11-24 12:00 UTC.
  31  FAILED tests/test_sum.py::test_adds
1 of 15 jobs failed in "Build and push": test · test_failure, a retry does not help
1 of 15 jobs failed in "Lint": x · log not read
tests/test_sum.py::test_adds
[Retry failed jobs] [Acknowledge] [Full log] [Open run]
More: Retry all jobs, Retry with debug logging, Resolve\
""")


def test_the_proof_says_what_is_missing_in_it() -> None:
    told = facts(
        failed=(a_failed_job(excerpt=(), redacted=2, notes=("the log was cut",)),), **KNOWN
    )
    assert lines([incident_card(told).proof_note]) == snapshot(
        "2 secrets scrubbed. There is no log line to show. The log was cut."
    )


def test_many_failed_tests_are_counted() -> None:
    names = tuple(f"test_{n}" for n in range(12))
    told = facts(failed=(a_failed_job("test", diagnosis=TEST_FAILED, names=names),), **BROKEN)
    assert lines(incident_card(told).failed) == snapshot(
        """\
1 of 15 jobs failed in "Build and push": test · test_failure, a retry does not help
test_0, test_1, test_2, test_3, test_4 and 7 more\
"""
    )


@pytest.mark.parametrize(
    ("history", "line"),
    [
        pytest.param(History(attempts=1, first_run=42), None, id="the-first-time"),
        pytest.param(
            History(attempts=5, first_run=31, rerun=2, passed=1),
            "Seen 5 times in 21 days, first in run #31; 1 of 2 re-runs passed.",
            id="one-of-two",
        ),
        pytest.param(
            History(attempts=2, first_run=41, rerun=1, passed=0),
            "Seen 2 times in 21 days, first in run #41; 0 of 1 re-run passed.",
            id="none",
        ),
    ],
)
def test_history_is_told_with_its_count(history: History, line: str | None) -> None:
    """A forecast without a number would be a guess."""
    shown = [plain(text) for text in incident_card(facts(history=history)).failed]

    assert shown == ([line] if line else [])


def test_a_release_is_offered() -> None:
    told = facts(
        lane=a_lane(LaneKind.TAG, "v2024.8.6"),
        failed=MATRIX,
        outlook="a person decides about releases",
        **KNOWN,
    )
    assert drawn(told) == snapshot("""\
BROKEN  acme/app CI on tag v2024.8.6: the registry answered 503 (#12)
Please look: I do not retry this by myself, because a person decides about releases.
    Nobody has taken it. It broke 2026-11-24 12:00 UTC.
  812  ERROR: unexpected status: 503 Service Unavailable
2 of 15 jobs failed in "Build and push": build (linux/amd64) and 1 more · registry_5xx,
    usually passes on retry
[Retry failed jobs] [Acknowledge] [Full log] [Open run]
More: Retry all jobs, Retry with debug logging, Resolve\
""")


def test_in_doubt_whether_it_deploys_a_person_decides() -> None:
    told = facts(failed=MATRIX, outlook=UNSEEN_DEPLOYMENTS, **KNOWN)
    assert drawn(told) == snapshot("""\
BROKEN  acme/app CI on main: the registry answered 503 (#12)
Please look: I do not retry this by myself, because I can't see whether this run
    deploys, so a person decides. Nobody has taken it. It broke 2026-11-24 12:00 UTC.
  812  ERROR: unexpected status: 503 Service Unavailable
2 of 15 jobs failed in "Build and push": build (linux/amd64) and 1 more · registry_5xx,
    usually passes on retry
[Retry failed jobs] [Acknowledge] [Full log] [Open run]
More: Retry all jobs, Retry with debug logging, Resolve\
""")


def test_a_merge_queue_offers_no_retry() -> None:
    told = facts(
        lane=a_lane(LaneKind.QUEUE, "main"),
        failed=MATRIX,
        outlook="the merge queue makes a new run for each entry",
        **KNOWN,
    )
    assert drawn(told) == snapshot("""\
BROKEN  acme/app CI on the merge queue of main: the registry answered 503 (#12)
Please look: I do not retry this by myself, because the merge queue makes a new run for
    each entry. Nobody has taken it. It broke 2026-11-24 12:00 UTC.
  812  ERROR: unexpected status: 503 Service Unavailable
2 of 15 jobs failed in "Build and push": build (linux/amd64) and 1 more · registry_5xx,
    usually passes on retry
[Acknowledge] [Full log] [Open run]
More: Resolve\
""")
