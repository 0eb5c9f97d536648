"""Which deliveries are worth asking for again, which runs are news, how often we may ask."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot.domain.hearing import (
    LoggedDelivery,
    News,
    goes_beyond,
    is_late,
    missed,
    news,
    pace,
    spread,
)
from bot.domain.ids import DeliveryId, RunId
from bot.domain.run import Conclusion, Run, Status
from tests.unit.made import NOON as NOW
from tests.unit.made import RUN

ENDED = RUN
RUNNING = replace(RUN, status=Status.RUNNING, conclusion=None)


def a_try(
    id: str = "a",
    event: str = "workflow_run",
    action: str = "completed",
    *,
    minute: int = 0,
    status: int = 0,
    again: bool = False,
) -> LoggedDelivery:
    return LoggedDelivery(
        number=minute,
        id=DeliveryId(id),
        event=event,
        action=action,
        at=NOW - timedelta(hours=1) + timedelta(minutes=minute),
        status=status,
        again=again,
    )


@pytest.mark.parametrize(
    ("log", "wanted"),
    [
        pytest.param([a_try()], ["a"], id="lost"),
        pytest.param([a_try(status=502)], ["a"], id="refused-by-a-proxy"),
        pytest.param([a_try(status=401)], ["a"], id="wrong-secret-that-may-be-mended"),
        pytest.param([a_try(status=400)], [], id="refused-by-us"),
        pytest.param([a_try(status=202)], ["a"], id="arrived-and-not-here"),
        pytest.param([a_try(status=202, minute=60)], [], id="just-arrived"),
        pytest.param([a_try(), a_try(minute=5, status=202, again=True)], ["a"], id="lost-again"),
        pytest.param([a_try("here")], [], id="stored"),
        pytest.param([a_try(action="in_progress")], [], id="began"),
        pytest.param([a_try(event="push", action="")], [], id="push"),
        pytest.param([a_try(event="check_suite")], [], id="unheard-event"),
        pytest.param([a_try("1"), a_try("2", minute=1)], ["2", "1"], id="newest-first"),
        pytest.param(
            [a_try("1", minute=9), a_try("2", "installation", "deleted")],
            ["2", "1"],
            id="access-before-runs",
        ),
    ],
)
def test_what_is_sent_again(log: list[LoggedDelivery], wanted: list[str]) -> None:
    found = missed(log, stored={DeliveryId("here")}, now=NOW)
    assert [one.id for one in found.redeliver] == wanted


def test_ended_jobs_are_looked_at_first() -> None:
    found = missed([a_try(event="workflow_job")], stored=(), now=NOW)
    assert [one.id for one in found.look] == ["a"]
    assert found.redeliver == ()


@pytest.mark.parametrize(
    ("log", "goes_on", "broken"),
    [
        pytest.param([], False, False, id="nothing"),
        pytest.param([a_try()], True, False, id="lost"),
        pytest.param([a_try("here")], False, False, id="our-answer-was-late"),
        pytest.param([a_try(), a_try("b", minute=1, status=202)], False, False, id="heard-again"),
        pytest.param([a_try(), a_try(minute=1, again=True)], True, True, id="lost-again"),
        pytest.param(
            [a_try(minute=1, again=True), a_try("b", minute=2)], True, True, id="still-lost"
        ),
        pytest.param(
            [a_try(minute=1, again=True), a_try("b", minute=2, status=202), a_try("c", minute=3)],
            True,
            False,
            id="lost-anew",
        ),
    ],
)
def test_whether_it_goes_on(log: list[LoggedDelivery], goes_on: bool, broken: bool) -> None:  # noqa: FBT001 - a row of the table
    found = missed(log, stored={DeliveryId("here")}, now=NOW)
    assert (found.goes_on, found.broken) == (goes_on, broken)


@pytest.mark.parametrize(
    ("log", "stretches"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([a_try(), a_try("b", minute=1)], ["ab"], id="one-stretch"),
        pytest.param(
            [a_try(), a_try("b", minute=1, status=202), a_try("c", minute=2)],
            ["a", "c"],
            id="something-arrived-between",
        ),
        pytest.param(
            [a_try(), a_try("b", minute=1, status=400), a_try("c", minute=2)],
            ["a", "c"],
            id="our-door-refused-something-between",
        ),
        pytest.param(
            [a_try(), a_try("here", minute=1), a_try("c", minute=2)],
            ["a", "c"],
            id="our-answer-was-late-between",
        ),
        pytest.param(
            [
                a_try(),
                a_try("here", minute=1),
                a_try("c", minute=2),
                a_try("here", minute=9, status=202, again=True),
            ],
            ["ac"],
            id="what-was-sent-again-since-did-not-arrive-between",
        ),
        pytest.param([a_try("here")], [], id="our-last-answer-was-late"),
    ],
)
def test_losses_are_told_by_the_stretch(log: list[LoggedDelivery], stretches: list[str]) -> None:
    found = missed(log, stored={DeliveryId("here")}, now=NOW)
    assert ["".join(one.id for one in some) for some in found.lost] == stretches


@pytest.mark.parametrize(
    ("run", "known", "is_news"),
    [
        pytest.param(ENDED, None, True, id="new"),
        pytest.param(replace(ENDED, updated_at=NOW - timedelta(hours=1)), None, False, id="of-old"),
        pytest.param(
            replace(RUNNING, updated_at=NOW - timedelta(hours=1)), None, True, id="still-runs"
        ),
        pytest.param(ENDED, ENDED, False, id="known"),
        pytest.param(ENDED, RUNNING, True, id="ended"),
        pytest.param(RUNNING, ENDED, False, id="late-list"),
        pytest.param(replace(RUNNING, attempt=2), ENDED, True, id="run-again"),
        pytest.param(ENDED, replace(ENDED, attempt=2), False, id="older-attempt"),
    ],
)
def test_what_is_news(run: Run, known: Run | None, is_news: bool) -> None:  # noqa: FBT001 - a row of the table
    rows = {known.id: known} if known else {}
    found = news([run], known=rows, heard_until=NOW - timedelta(minutes=10))
    assert [one.run for one in found] == ([run] if is_news else [])


def test_that_a_run_goes_on_is_no_news() -> None:
    later = replace(RUNNING, updated_at=NOW + timedelta(minutes=5))
    assert not goes_beyond(later, RUNNING)


def test_news_come_in_the_order_in_which_they_happened() -> None:
    earlier = replace(ENDED, id=RunId(813), updated_at=NOW - timedelta(minutes=1))
    found = news([ENDED, earlier], known={}, heard_until=NOW - timedelta(hours=1))
    assert [one.run for one in found] == [earlier, ENDED]


@pytest.mark.parametrize(
    ("later", "outdated"),
    [
        pytest.param({"conclusion": Conclusion.SUCCESS}, True, id="green-since"),
        pytest.param({}, True, id="red-again"),
        pytest.param({"conclusion": Conclusion.CANCELLED}, False, id="without-colour"),
        pytest.param({"status": Status.RUNNING, "conclusion": None}, False, id="still-runs"),
        pytest.param({"head_branch": "feature"}, False, id="elsewhere"),
        pytest.param({"event": "schedule"}, False, id="by-another-event"),
    ],
)
def test_what_its_lane_left_behind_is_only_history(later: dict[str, Any], outdated: bool) -> None:  # noqa: FBT001 - a row of the table
    newer = replace(RUN, id=RunId(813), number=43, **later)
    first, _ = sorted(
        news([newer, ENDED], known={}, heard_until=NOW - timedelta(hours=1)),
        key=lambda one: one.run.number,
    )
    assert first == News(ENDED, outdated)


def test_only_an_end_can_be_late() -> None:
    later = NOW + timedelta(minutes=10)
    assert is_late(ENDED, heard_at=later)
    assert not is_late(ENDED, heard_at=NOW + timedelta(seconds=1))
    assert not is_late(RUNNING, heard_at=later)


def test_many_busy_repositories_are_asked_less_often() -> None:
    minute = timedelta(minutes=1)
    assert pace(minute, busy=0) == minute
    assert pace(minute, busy=41) == minute
    assert pace(minute, busy=200) == timedelta(seconds=288)


def test_the_checks_of_an_hour_do_not_fall_together() -> None:
    hour = timedelta(hours=1)
    moments = sorted(spread(id, hour) for id in range(100))
    assert len(set(moments)) == 100
    assert moments[-1] < hour
    assert max(b - a for a, b in pairwise(moments)) < timedelta(minutes=2)
    assert spread(7, hour) == spread(7, hour)
