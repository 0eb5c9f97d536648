"""The words for what we did not hear, and can't confirm."""

from datetime import timedelta

import pytest
from inline_snapshot import snapshot

from bot.messages.blindness import (
    blind_line,
    blind_note,
    freshness,
    length,
    run_deleted,
    turned_out_to_be,
    unknown_state,
)
from bot.messages.text import Moment, TimeStyle, plain
from tests.unit.made import NOON

LATER = NOON + timedelta(minutes=35)


def test_a_blind_time_says_what_was_found_since() -> None:
    note = blind_note(since=NOON, until=LATER, runs=7, failures=1)
    assert plain(note.text) == snapshot(
        "I was blind from 2026-11-24 12:00 UTC to 2026-11-24 12:35 UTC (35 min). I have asked"
        " GitHub since: 7 runs recovered, 1 failure."
    )
    assert [part for part in note.text if isinstance(part, Moment)] == [
        Moment(NOON, TimeStyle.DATED),
        Moment(LATER, TimeStyle.DATED),
    ]
    assert note.call == ()


def test_a_blind_time_in_which_nothing_happened() -> None:
    note = blind_note(since=NOON, until=LATER, runs=0, failures=0)
    assert plain(note.text).endswith("I have asked GitHub since: nothing was missed.")


def test_a_list_of_builds_says_when_we_were_blind() -> None:
    over = blind_line(since=NOON, until=LATER, runs=1, failures=0)
    assert plain(over) == snapshot(
        "Blind from 2026-11-24 12:00 UTC to 2026-11-24 12:35 UTC: 1 run recovered, 0 failures."
    )
    lasts = blind_line(since=NOON, until=None, runs=0, failures=0)
    assert plain(lasts) == snapshot("Blind since 2026-11-24 12:00 UTC: GitHub's deliveries fail.")


def test_an_answer_says_how_fresh_it_is() -> None:
    every = timedelta(seconds=60)
    assert plain(freshness(NOON, every=every)) == snapshot(
        "As of 2026-11-24 12:00 UTC; I ask GitHub every 60 s."
    )
    assert plain(freshness(None, every=every)) == snapshot(
        "I have not asked GitHub yet; I do so every 60 s."
    )


def test_a_state_that_nobody_confirms() -> None:
    assert plain(unknown_state(NOON)) == snapshot(
        "State unknown since 2026-11-24 12:00 UTC: GitHub does not answer."
    )


def test_what_the_timeline_tells() -> None:
    assert run_deleted(42) == snapshot(
        "Run #42 was deleted on GitHub; a newer green run ends this."
    )
    assert turned_out_to_be("v2") == snapshot("v2 turned out to be a branch, not a tag")


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(seconds=45), "45 s"),
        (timedelta(minutes=35), "35 min"),
        (timedelta(minutes=119), "119 min"),
        (timedelta(hours=16, minutes=10), "16 h"),
    ],
)
def test_how_long_something_took(time: timedelta, words: str) -> None:
    assert length(time) == words
