"""The card at its end, what it names, and what can be pressed on it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from inline_snapshot import snapshot

from bot.domain.failure import Advice
from bot.domain.ids import RunId
from bot.domain.incident import Ending
from bot.domain.lane import LaneKind
from bot.domain.retry import RetryState
from bot.messages.card import duration, incident_card
from bot.messages.facts import can_retry, subject
from bot.messages.text import plain
from bot.messages.views import Mark
from tests.unit.made import (
    ANA,
    NOON,
    TARGET,
    a_failed_job,
    a_lane,
    a_retry,
    a_run,
    an_incident,
)
from tests.unit.messages.facts import KNOWN, MATRIX, facts
from tests.unit.messages.reading import card_text, drawn


@pytest.mark.parametrize("ending", Ending)
def test_each_end_is_two_lines(ending: Ending) -> None:
    """State is told by a word, never by colour alone."""
    by = {
        Ending.GREEN: "retry by the bot (attempt 2)",
        Ending.SUPERSEDED: "release v2024.8.7 is green",
        Ending.EXPIRED: "no run for 30 days",
        Ending.RESOLVED: "ana said so",
    }[ending]
    ended = an_incident(**KNOWN).end(ending, by=by, at=NOON + timedelta(minutes=14))
    card = incident_card(replace(facts(failed=MATRIX), incident=ended))

    assert card.mark is (Mark.FIXED if ending is Ending.GREEN else Mark.OVER)
    assert (card.buttons, card.menu, card.proof, card.failed) == ((), (), (), ())
    assert (
        card_text(card)
        == {
            Ending.GREEN: snapshot("""\
FIXED after 14 min: retry by the bot (attempt 2) (#12)
acme/app CI on main. It was: the registry answered 503.
[Open run]\
"""),
            Ending.SUPERSEDED: snapshot("""\
SUPERSEDED after 14 min: release v2024.8.7 is green (#12)
acme/app CI on main. It was: the registry answered 503.
[Open run]\
"""),
            Ending.EXPIRED: snapshot("""\
EXPIRED after 14 min: no run for 30 days (#12)
acme/app CI on main. It was: the registry answered 503.
[Open run]\
"""),
            Ending.RESOLVED: snapshot("""\
RESOLVED after 14 min: ana said so (#12)
acme/app CI on main. It was: the registry answered 503.
[Open run]\
"""),
        }[ending]
    )


def test_an_end_whose_log_was_never_read() -> None:
    ended = an_incident().end(Ending.GREEN, by="commit 1a2b3c4 by ana", at=NOON)
    assert drawn(replace(facts(), incident=ended)) == snapshot("""\
FIXED after 0 s: commit 1a2b3c4 by ana (#12)
acme/app CI on main. It was: a failed build whose log was not read.
[Open run]\
""")


@pytest.mark.parametrize("kind", LaneKind)
def test_each_kind_of_lane_is_named(kind: LaneKind) -> None:
    name = {LaneKind.PULL: "8:fix", LaneKind.OTHER: "workflow_run:main"}.get(kind, "main")
    assert (
        plain(subject(facts(lane=a_lane(kind, name))))
        == {
            LaneKind.PUSH: snapshot("acme/app CI on main"),
            LaneKind.SCHEDULE: snapshot("acme/app CI on main (scheduled)"),
            LaneKind.TAG: snapshot("acme/app CI on tag main"),
            LaneKind.RELEASE: snapshot("acme/app CI on release main"),
            LaneKind.PULL: snapshot("acme/app CI on pull request branch fix"),
            LaneKind.QUEUE: snapshot("acme/app CI on the merge queue of main"),
            LaneKind.MANUAL: snapshot("acme/app CI on main (started by hand)"),
            LaneKind.OTHER: snapshot("acme/app CI on main"),
        }[kind]
    )


def test_a_new_attempt_is_not_spoken_of_before_its_log_was_read() -> None:
    """The older attempt's outlook is not this one's."""
    told = facts(attempt=2, **KNOWN)
    assert plain(incident_card(told).action).startswith("I am reading the log.")


@pytest.mark.parametrize("advice", Advice)
def test_whether_a_retry_helps_is_said_with_the_cause(advice: Advice) -> None:
    told = facts(failed=(a_failed_job(retry=advice),), **KNOWN)
    assert (
        plain(incident_card(told).failed[0]).rpartition("· ")[2]
        == {
            Advice.YES: snapshot("registry_5xx, usually passes on retry"),
            Advice.ONCE: snapshot("registry_5xx, may pass on retry"),
            Advice.NO: snapshot("registry_5xx, a retry does not help"),
        }[advice]
    )


@pytest.mark.parametrize(
    ("retries", "possible"),
    [
        pytest.param((), True, id="nobody-asked"),
        pytest.param((a_retry(),), True, id="a-press-takes-over-the-bots"),
        pytest.param((a_retry(by=ANA),), False, id="a-person-waits"),
        pytest.param((a_retry(state=RetryState.SENT),), False, id="it-runs"),
        pytest.param((a_retry(state=RetryState.DONE_ELSEWHERE),), False, id="it-runs-anyway"),
        pytest.param((a_retry(state=RetryState.REFUSED),), True, id="refused"),
        pytest.param((a_retry(state=RetryState.DROPPED),), True, id="dropped"),
        pytest.param(
            (a_retry(state=RetryState.SENT), a_retry(state=RetryState.REFUSED)),
            True,
            id="the-newest-counts",
        ),
        pytest.param((a_retry(run=RunId(1), state=RetryState.SENT),), True, id="another-run"),
    ],
)
def test_retry_is_offered_while_it_can_do_something(
    retries: tuple[Any, ...], *, possible: bool
) -> None:
    told = facts(retries=retries)

    assert can_retry(told) is possible
    assert ("retry" in {one.action for one in incident_card(told).buttons}) is possible


def test_every_button_names_what_the_card_shows() -> None:
    """A press on an old card must be known for one."""
    card = incident_card(facts(failed=MATRIX, **KNOWN))

    assert {one.target for one in (*card.buttons, *card.menu)} == {TARGET}


def test_a_run_without_an_address_has_no_link() -> None:
    assert incident_card(replace(facts(), run=a_run(url=""))).links == ()


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=3, minutes=5), "3 h 5 min"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=2, hours=4, minutes=59), "2 days 4 h"),
    ],
)
def test_durations_are_said_as_people_do(time: timedelta, words: str) -> None:
    assert duration(NOON, NOON + time) == words
