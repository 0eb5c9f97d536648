"""Twelve jobs that fail the same way are one failure."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.grouping import FailedJob, group
from tests.unit.made import REGISTRY_503, TEST_FAILED, a_failed_job


def test_a_matrix_that_fails_the_same_way_is_one_group() -> None:
    (found,) = group([a_failed_job(f"build ({n})") for n in range(12)])

    assert found.title == "build (0) and 11 more"
    assert found.diagnosis == REGISTRY_503


def test_one_job_is_called_by_its_name() -> None:
    assert group([a_failed_job("build")])[0].title == "build"


def test_the_same_words_in_another_step_are_another_failure() -> None:
    assert len(group([a_failed_job("a"), a_failed_job("b", step="Deploy")])) == 2


def test_the_largest_group_comes_first() -> None:
    """The card's headline is its reason."""
    jobs = [
        a_failed_job("test", diagnosis=TEST_FAILED),
        a_failed_job("build 1"),
        a_failed_job("build 2"),
    ]

    assert [found.jobs for found in group(jobs)] == [("build 1", "build 2"), ("test",)]


def test_an_unread_job_joins_its_step_where_that_has_one_reason() -> None:
    (found,) = group([a_failed_job("b", diagnosis=None), a_failed_job("a")])

    assert found.jobs == ("a", "b")


def test_an_unread_job_between_two_reasons_stays_unknown() -> None:
    """Nobody knows which it shares; what is not known is called unknown."""
    jobs = [
        a_failed_job("a"),
        a_failed_job("b", diagnosis=TEST_FAILED),
        a_failed_job("c", diagnosis=None),
        a_failed_job("d", diagnosis=None),
    ]

    assert [(found.jobs, found.diagnosis is None) for found in group(jobs)] == [
        (("a",), False),
        (("b",), False),
        (("c", "d"), True),
    ]


def test_many_unread_jobs_do_not_hide_the_one_that_was_read() -> None:
    jobs = [a_failed_job(f"x{n}", step="Lint", diagnosis=None) for n in range(9)]

    assert group([*jobs, a_failed_job("a")])[0].diagnosis == REGISTRY_503


def test_nothing_failed_is_no_group() -> None:
    assert group([]) == ()


jobs = st.lists(
    st.builds(
        a_failed_job,
        st.text(min_size=1, max_size=3),
        step=st.sampled_from(["Build", "Test"]),
        diagnosis=st.sampled_from([REGISTRY_503, TEST_FAILED, None]),
    ),
    max_size=12,
)


@given(jobs)
def test_every_job_stands_in_one_group(failed: list[FailedJob]) -> None:
    grouped = sorted(name for found in group(failed) for name in found.jobs)

    assert grouped == sorted(job.name for job in failed)
