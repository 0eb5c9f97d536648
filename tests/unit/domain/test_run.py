"""GitHub's words, as we read them."""

import pytest

from bot.domain.failure import EXCERPT_LINES, WORDS, Advice, Cause
from bot.domain.ids import JobId, RunId
from bot.domain.run import Conclusion, Job, Status, Step
from tests.unit.made import FORK, NOON, a_run, running


def a_job(*steps: Conclusion | None) -> Job:
    return Job(
        id=JobId(1),
        run=RunId(812),
        attempt=1,
        name="build",
        status=Status.COMPLETED,
        conclusion=Conclusion.FAILURE,
        steps=tuple(
            Step(number=number, name=f"step {number}", conclusion=conclusion)
            for number, conclusion in enumerate(steps, start=1)
        ),
    )


def test_the_first_step_that_failed_is_the_reason() -> None:
    """What fails after it is often only the clean-up."""
    job = a_job(Conclusion.SUCCESS, Conclusion.FAILURE, Conclusion.SKIPPED, Conclusion.FAILURE)

    assert job.failing_step
    assert job.failing_step.name == "step 2"


def test_a_job_without_a_failed_step_names_none() -> None:
    assert a_job(Conclusion.SUCCESS, None).failing_step is None
    assert a_job().failing_step is None


@pytest.mark.parametrize(
    ("head_repo", "event", "fork"),
    [
        pytest.param(7, "push", False, id="ours"),
        pytest.param(FORK, "pull_request", True, id="a-forks"),
        pytest.param(None, "pull_request", True, id="a-deleted-forks"),
        pytest.param(None, "push", False, id="left-out-by-an-old-payload"),
    ],
)
def test_a_run_of_another_repository_is_a_forks(
    head_repo: int | None, event: str, *, fork: bool
) -> None:
    assert a_run(head_repo=head_repo, event=event).from_fork is fork


def test_an_end_is_newer_than_anything_that_is_told_after_it() -> None:
    """Deliveries overtake each other; `updated_at` alone would not tell."""
    queued = a_run(status=Status.QUEUED, conclusion=None, updated_at=NOON.replace(hour=23))
    started = running(updated_at=NOON.replace(hour=22))
    over = a_run(updated_at=NOON)

    assert queued.progress < started.progress < over.progress


def test_every_cause_can_be_said() -> None:
    assert set(WORDS) == set(Cause)
    assert Cause.TEST_FAILURE.words == "a failed test"
    assert EXCERPT_LINES == 15


def test_advice_is_true_false_or_unknown() -> None:
    assert [advice.transient for advice in (Advice.YES, Advice.ONCE, Advice.NO)] == [
        True,
        None,
        False,
    ]
