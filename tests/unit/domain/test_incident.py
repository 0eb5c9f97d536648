"""What an incident may become, and what it forgets on the way."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import UserError
from bot.domain.ids import RunId
from bot.domain.incident import REOPENS_WITHIN, Ending, Incident, State, how_it_ended
from bot.domain.run import Run
from bot.domain.verdict import Red
from tests.unit.made import ANA, BO, INCIDENT, NOON, a_run, an_incident, green

LATER = NOON + timedelta(minutes=14)
NEWER = Red(run=a_run(43), first=a_run(42), streak=2, last_green=None, early=True)


def ended(how: Ending = Ending.GREEN) -> Incident:
    return INCIDENT.acknowledge(ANA).end(how, by="commit 1a2b3c4 by ana", at=LATER)


def test_whoever_takes_it_last_has_it() -> None:
    taken = INCIDENT.acknowledge(ANA)

    assert (taken.state, taken.owner) == (State.ACKNOWLEDGED, ANA)
    assert taken.acknowledge(ANA) == taken
    assert taken.acknowledge(BO).owner == BO


def test_what_has_ended_can_not_be_taken() -> None:
    with pytest.raises(UserError, match="#12 has ended"):
        ended().acknowledge(BO)


def test_the_first_end_stays() -> None:
    """A late delivery must not rewrite what the card told people."""
    found = ended(Ending.RESOLVED)

    assert (found.ended, found.ended_at) == (True, LATER)
    assert found.end(Ending.GREEN, by="itself", at=LATER + timedelta(hours=1)) == found


def test_an_end_leaves_nothing_to_wait_for() -> None:
    waiting = an_incident(green_run=RunId(813), green_attempt=2, log_wait="GitHub is down")
    found = waiting.end(Ending.GREEN, by="itself", at=LATER)

    assert (found.green_run, found.green_attempt, found.log_wait) == (None, 0, "")


def test_a_newer_red_run_joins_and_takes_back_a_green_that_was_not_confirmed() -> None:
    found = an_incident(green_run=RunId(900), green_attempt=1, owner=ANA).join(NEWER)

    assert (found.run, found.number, found.attempt) == (NEWER.run.id, 43, 1)
    assert (found.sha, found.streak, found.early) == (NEWER.run.sha, 2, True)
    assert (found.green_run, found.green_attempt) == (None, 0)
    assert (found.id, found.red_since, found.owner) == (INCIDENT.id, INCIDENT.red_since, ANA)


def test_it_opens_again_as_nobodys_and_calls_again() -> None:
    called = replace(ended(), called_at=NOON, outlook="a retry did not help")
    found = called.reopen(NEWER, at=LATER)

    assert (found.state, found.owner, found.called_at) == (State.OPEN, None, None)
    assert (found.ending, found.ended_by, found.ended_at) == (None, "", None)
    assert (found.outlook, found.number, found.id) == ("", 43, called.id)


def test_a_new_red_stretch_has_its_own_beginning() -> None:
    """What the card says of "it broke" is about this time, not the last."""
    first = a_run(45, updated_at=LATER)
    last = green(44, updated_at=LATER - timedelta(minutes=5))
    again = Red(run=first, first=first, streak=1, last_green=last, early=False)
    found = ended().reopen(again, at=LATER + timedelta(minutes=1))

    assert found.red_since == LATER
    assert (found.last_green_sha, found.last_green_at) == (last.sha, last.updated_at)
    assert found.last_green_run == last.id


def test_nothing_broke_in_the_future() -> None:
    """GitHub's clock may run ahead of ours."""
    assert INCIDENT.starting(NEWER, at=NOON - timedelta(seconds=9)).red_since < NOON


@pytest.mark.parametrize(
    ("later", "again"),
    [(timedelta(0), True), (REOPENS_WITHIN, True), (REOPENS_WITHIN + timedelta(seconds=1), False)],
)
def test_it_opens_again_within_six_hours(later: timedelta, *, again: bool) -> None:
    assert ended().reopens(LATER + later) is again


def test_what_never_ended_does_not_open_again() -> None:
    assert not INCIDENT.reopens(NOON)


@pytest.mark.parametrize(
    ("run", "retried_by", "words"),
    [
        pytest.param(green(42, 2), "ana", "retry by ana (attempt 2)", id="our-retry"),
        pytest.param(
            green(42, 2, triggering_actor="bo"), "", "re-run by bo (attempt 2)", id="on-github"
        ),
        pytest.param(
            green(42, 2, triggering_actor=""),
            "",
            "re-run by someone on GitHub (attempt 2)",
            id="by-nobody-known",
        ),
        pytest.param(green(43), "", "run #43 of the same commit", id="same-commit"),
        pytest.param(green(43, sha="feedc0ffee"), "", "commit feedc0f by Ana", id="next-commit"),
        pytest.param(
            green(43, sha="feedc0ffee", author=""), "", "commit feedc0f by ana", id="actor-only"
        ),
        pytest.param(
            green(43, sha="feedc0ffee", author="", actor=""),
            "",
            "commit feedc0f",
            id="author-unknown",
        ),
        pytest.param(
            green(43, 2), "ana", "run #43 of the same commit", id="a-retry-of-another-run"
        ),
    ],
)
def test_it_says_what_turned_it_green(run: Run, retried_by: str, words: str) -> None:
    assert how_it_ended(run, incident=INCIDENT, retried_by=retried_by) == words
