"""Never more than is allowed, nobody loses his place, and the urgent go first."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.pace import GRACE, Line, Rate

SECOND = timedelta(seconds=1)


def a_line(most: int = 1, per: timedelta = SECOND, *, reserve: int = 0, assumed: int = 0) -> Line:
    return Line(Rate(most=most, per=per, reserve=reserve, assumed=assumed), began=100)


def go(line: Line, key: str, now: float, *, urgent: bool = True) -> float:
    wait = line.wait(key, now, urgent=urgent)
    if not wait:
        line.take(key, now)
    return wait


def test_so_many_and_no_more() -> None:
    line = a_line(most=3, per=10 * SECOND)
    assert [go(line, f"{n}", 100 + n) for n in range(4)] == [0, 0, 0, 7]
    assert go(line, "3", 110) == 0


def test_each_is_promised_a_moment_of_his_own() -> None:
    line = a_line()
    assert [go(line, key, 100) for key in "abcd"] == [0, 1, 2, 3]


def test_a_place_is_kept_and_not_moved_by_asking_again() -> None:
    line = a_line()
    for key in "abc":
        go(line, key, 100)
    assert go(line, "c", 100.5) == 1.5
    assert go(line, "b", 101) == 0


def test_a_newcomer_does_not_push_in() -> None:
    line = a_line()
    go(line, "a", 100)
    go(line, "b", 100)
    assert go(line, "new", 101) > 0
    assert go(line, "b", 101.2) == 0


def test_a_place_that_nobody_takes_is_free_again() -> None:
    line = a_line()
    go(line, "a", 100)
    go(line, "b", 100)
    assert go(line, "new", 101 + GRACE + 0.1) == 0


def test_the_calm_leave_a_reserve() -> None:
    line = a_line(most=4, per=10 * SECOND, reserve=2)
    assert [go(line, f"{n}", 100, urgent=False) for n in range(3)] == [0, 0, 10]
    assert [go(line, f"u{n}", 100) for n in range(3)] == [0, 0, 10]


def test_the_urgent_overtake_the_calm() -> None:
    line = a_line(most=2, per=10 * SECOND, reserve=1)
    go(line, "a", 100)
    go(line, "b", 100)
    assert go(line, "calm", 100, urgent=False) == 10
    assert go(line, "urgent", 100) == 10
    assert go(line, "calm", 110, urgent=False) > 0
    assert go(line, "urgent", 110) == 0


def test_what_was_done_before_us_is_assumed() -> None:
    line = a_line(most=3, per=10 * SECOND, assumed=2)
    assert [go(line, key, 104) for key in "ab"] == [0, 6]
    assert a_line(assumed=1).is_idle(101)


def test_a_place_can_be_put_off() -> None:
    line = a_line()
    line.keep("a", 103)
    assert go(line, "a", 101) == 2
    assert go(line, "a", 103) == 0


def test_an_idle_line_can_be_forgotten() -> None:
    line = a_line()
    go(line, "a", 100)
    assert not line.is_idle(100.5)
    assert line.is_idle(101)


@pytest.mark.parametrize("urgent", [True, False])
def test_a_crowd_is_through_in_the_time_it_takes(*, urgent: bool) -> None:
    """Each comes again when he was told to, and none is told so often that it costs."""
    line = a_line(most=30, per=60 * SECOND)
    due = {f"{n}": 100.0 for n in range(120)}
    asked, now, order = 0, 100.0, []
    while due:
        key = min(due, key=lambda key: due[key])
        now = max(now, due[key])
        asked += 1
        wait = go(line, key, now, urgent=urgent)
        if wait:
            due[key] = now + wait
        else:
            order.append(int(key))
            del due[key]
    assert order == sorted(order)
    assert now <= 100 + 60 * 4
    assert asked <= 4 * 120


def moves() -> st.SearchStrategy[list[tuple[float, str, bool]]]:
    step = st.tuples(st.floats(0, 3), st.sampled_from("abcdefgh"), st.booleans())
    return st.lists(step, max_size=80)


def taken(line: Line, steps: list[tuple[float, str, bool]]) -> Iterator[float]:
    now = 100.0
    for pause, key, urgent in steps:
        now += pause
        if not go(line, key, now, urgent=urgent):
            yield now


@given(moves())
def test_no_window_holds_more_than_is_allowed(steps: list[tuple[float, str, bool]]) -> None:
    times = list(taken(a_line(most=3, per=5 * SECOND, reserve=1), steps))
    for start in times:
        assert sum(start <= at < start + 5 - 1e-5 for at in times) <= 3


@given(moves())
def test_no_wait_is_without_end(steps: list[tuple[float, str, bool]]) -> None:
    line, now = a_line(most=3, per=5 * SECOND, reserve=1), 100.0
    for pause, key, urgent in steps:
        now += pause
        assert 0 <= go(line, key, now, urgent=urgent) <= 5 * 9
