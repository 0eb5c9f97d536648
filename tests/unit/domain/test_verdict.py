"""Is a lane red or green? Whatever order its deliveries came in."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import RunId
from bot.domain.lane import LaneKind
from bot.domain.run import Conclusion, Run, Status
from bot.domain.verdict import Green, Red, alerts, verdict
from tests.unit.made import NOON, a_run, green, running

COLOURLESS = sorted({*Conclusion} - {Conclusion.SUCCESS, Conclusion.FAILURE})


def red(runs: Sequence[Run], *, red_jobs: dict[RunId, int] | None = None) -> Red:
    found = verdict(runs, red_jobs=red_jobs)
    assert isinstance(found, Red)
    return found


@pytest.mark.parametrize("conclusion", Conclusion)
def test_only_success_is_green_and_three_are_red(conclusion: Conclusion) -> None:
    """A start that failed is a failure; skipped is not green."""
    found = verdict([a_run(conclusion=conclusion)])

    match conclusion:
        case Conclusion.SUCCESS:
            assert isinstance(found, Green)
        case Conclusion.FAILURE | Conclusion.TIMED_OUT | Conclusion.STARTUP_FAILURE:
            assert isinstance(found, Red)
        case _:
            assert found is None


@pytest.mark.parametrize(
    "conclusion", [c for c in COLOURLESS if not a_run(conclusion=c).red], ids=str
)
def test_what_has_no_colour_hides_nothing(conclusion: Conclusion) -> None:
    newer = a_run(2, conclusion=conclusion)

    assert red([a_run(1), newer]).run.number == 1
    assert verdict([green(1), newer]) == Green(run=green(1))


def test_nothing_has_no_colour() -> None:
    assert verdict([]) is None
    assert verdict([running()]) is None


def test_reds_are_counted_since_the_last_green() -> None:
    found = red([a_run(1), green(2), a_run(3), a_run(4, conclusion=Conclusion.CANCELLED), a_run(5)])

    assert (found.run.number, found.first.number, found.streak) == (5, 3, 2)
    assert found.last_green == green(2)
    assert not found.early


def test_a_lane_that_was_never_green_is_red_from_its_first() -> None:
    found = red([a_run(1), a_run(2)])

    assert (found.first.number, found.last_green, found.streak) == (1, None, 2)


def test_a_newer_green_run_ends_what_was_red() -> None:
    assert verdict([a_run(1), green(2)]) == Green(run=green(2))


def test_a_late_red_of_an_older_run_stays_in_the_past() -> None:
    assert verdict([a_run(1, updated_at=NOON + timedelta(days=1)), green(2)]) == Green(run=green(2))


def test_of_a_run_only_its_newest_attempt_counts() -> None:
    """A flaky test that passes on a re-run is green; one that fails again is one red run."""
    assert verdict([a_run(1), green(1, 2)]) == Green(run=green(1, 2))
    found = red([a_run(1), a_run(1, 2)])
    assert (found.run.attempt, found.streak) == (2, 1)


def test_a_re_run_of_an_older_run_speaks_of_its_own_commit() -> None:
    """Somebody re-runs run 1 after run 2 broke: its green says nothing of run 2."""
    assert red([a_run(1), a_run(2), green(1, 2)]).run.number == 2
    assert verdict([a_run(1), green(2), a_run(1, 2)]) == Green(run=green(2))


def test_a_re_run_that_turned_an_older_run_green_starts_the_stretch_anew() -> None:
    found = red([a_run(1), a_run(2), green(1, 2)])

    assert (found.first.number, found.streak) == (2, 1)
    assert found.last_green == green(1, 2)


@pytest.mark.parametrize("last", [running(1, 2), a_run(1, 2, conclusion=Conclusion.CANCELLED)])
def test_a_re_run_without_an_end_keeps_the_colour_before(last: Run) -> None:
    """Red stays red while it is tried again, and when somebody stops that."""
    assert red([a_run(1), last]).run.attempt == 1
    assert verdict([green(1), last]) == Green(run=green(1))


def test_a_job_that_failed_makes_its_run_red_before_it_ends() -> None:
    found = red([green(1), running(2)], red_jobs={a_run(2).id: 1})

    assert (found.run.number, found.early) == (2, True)


def test_a_failed_job_of_an_older_attempt_says_nothing_of_this_one() -> None:
    assert verdict([green(1), running(2, 2)], red_jobs={a_run(2).id: 1}) == Green(run=green(1))


def test_a_run_that_was_cancelled_after_a_job_failed_is_red_and_over() -> None:
    """People stop a run that is lost anyway; what broke is still broken."""
    stopped = a_run(2, conclusion=Conclusion.CANCELLED)
    found = red([green(1), stopped], red_jobs={stopped.id: 1})

    assert (found.run, found.early) == (stopped, False)


def entry(number: int, pull: int, base: str = "main") -> Run:
    return a_run(number, head_branch=f"gh-readonly-queue/{base}/pr-{pull}-0a1b2c3d")


def test_a_merge_queue_counts_entries_and_not_runs() -> None:
    """One bad pull request that is queued again is one; two different ones are the queue's own."""
    assert red([entry(1, 104), entry(2, 104)]).streak == 1
    assert red([entry(1, 104), entry(2, 105)]).streak == 2


@pytest.mark.parametrize("kind", LaneKind)
def test_schedules_and_merge_queues_fail_twice_before_they_alarm(kind: LaneKind) -> None:
    patient = kind in (LaneKind.SCHEDULE, LaneKind.QUEUE)

    assert alerts(red([a_run(1)]), kind) is not patient
    assert alerts(red([a_run(1), a_run(2)]), kind)


states = st.sampled_from(
    [(Status.QUEUED, None), (Status.RUNNING, None)]
    + [(Status.COMPLETED, conclusion) for conclusion in Conclusion]
)


@st.composite
def attempts(draw: st.DrawFn) -> list[Run]:
    """Attempts of one lane, each once."""
    keys = draw(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 3)), unique=True, max_size=10))
    found = []
    for number, attempt in keys:
        status, conclusion = draw(states)
        found.append(a_run(number, attempt, status=status, conclusion=conclusion))
    return found


failed_jobs = st.dictionaries(
    st.integers(1, 5).map(lambda number: a_run(number).id), st.integers(1, 3)
)


@given(attempts(), failed_jobs, st.randoms(use_true_random=False))
def test_any_order_of_the_same_attempts_gives_the_same_colour(
    runs: list[Run], red_jobs: dict[RunId, int], chance: Random
) -> None:
    shuffled = [*runs, *runs[: len(runs) // 2]]  # some are told twice
    chance.shuffle(shuffled)

    assert verdict(shuffled, red_jobs=red_jobs) == verdict(runs, red_jobs=red_jobs)


@given(attempts(), failed_jobs)
def test_a_red_verdict_agrees_with_itself(runs: list[Run], red_jobs: dict[RunId, int]) -> None:
    found = verdict(runs, red_jobs=red_jobs)
    if not isinstance(found, Red):
        return

    assert found.first.age_key <= found.run.age_key
    assert 1 <= found.streak <= found.run.number - found.first.number + 1
    if found.last_green:
        assert found.last_green.number < found.first.number


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Run], list[Run]]:
    """What GitHub says of some attempts as they go on, in its order and as it may arrive."""
    told = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        for attempt in range(1, draw(st.integers(1, 2)) + 1):
            at = NOON + timedelta(minutes=10 * number + attempt)
            end = draw(st.sampled_from(Conclusion))
            told += [
                a_run(number, attempt, status=Status.QUEUED, conclusion=None, updated_at=at),
                running(number, attempt, updated_at=at),
                a_run(number, attempt, conclusion=end, updated_at=at + timedelta(minutes=1)),
            ]
    arrived = draw(st.permutations(told + draw(st.lists(st.sampled_from(told), max_size=4))))
    return told, arrived


def kept(arrived: Sequence[Run]) -> list[Run]:
    """Keep of each attempt what is newest, as rows do."""
    rows: dict[tuple[int, int], Run] = {}
    for run in arrived:
        before = rows.get(run.age_key)
        if before is None or run.progress > before.progress:
            rows[run.age_key] = run
    return [*rows.values()]


@given(deliveries())
def test_late_and_doubled_deliveries_change_nothing(told: tuple[list[Run], list[Run]]) -> None:
    in_order, arrived = told

    assert verdict(kept(arrived)) == verdict(kept(in_order))
    assert all(run.status is Status.COMPLETED for run in kept(arrived))
