"""The thread tells the timeline once, a line a fact."""

from datetime import timedelta

import pytest
from inline_snapshot import snapshot

from bot.domain.failure import Cause
from bot.domain.incident import Ending, Fact, TimelineEntry
from bot.messages import story
from bot.messages.text import plain
from bot.messages.thread import UNTOLD, thread_note
from tests.unit.made import INCIDENT, NOON, a_run, an_incident
from tests.unit.messages.reading import lines

QUARTER = timedelta(minutes=15)


def note(kind: Fact, what: str = "", *, who: str = "") -> str:
    told = thread_note(
        TimelineEntry(incident=INCIDENT.id, kind=kind, source="s", at=NOON, who=who, what=what)
    )
    assert told is not None
    return plain(told.text)


@pytest.mark.parametrize("kind", Fact)
def test_every_fact_can_be_told(kind: Fact) -> None:
    """All but what the card itself tells."""
    entry = TimelineEntry(incident=INCIDENT.id, kind=kind, source="s", at=NOON, what="It is so.")

    told = thread_note(entry)

    assert (told is None) is (kind in UNTOLD)


def test_only_a_call_rings() -> None:
    for kind in {*Fact} - UNTOLD:
        entry = TimelineEntry(incident=INCIDENT.id, kind=kind, source="s", at=NOON)
        told = thread_note(entry, call=("slack:group:S1",))
        assert told is not None
        assert told.call == (("slack:group:S1",) if kind is Fact.CALLED else ())


def test_strangers_words_are_not_a_template() -> None:
    assert note(Fact.JOINED, "{who} {what}") == "{who} {what}"
    assert note(Fact.ACKNOWLEDGED, who="{what}") == "{what} has taken it."


def test_what_happened_to_it() -> None:
    incident = an_incident(reason="the registry answered 503")
    told = [
        note(Fact.JOINED, story.joined(a_run(43), streak=2)),
        note(Fact.CAUSE, story.cause_found("the registry answered 503", Cause.REGISTRY_5XX)),
        note(Fact.ACKNOWLEDGED, who="ana"),
        note(Fact.NOT_GREEN, story.not_green(43, skipped="build")),
        note(Fact.NOT_GREEN, story.not_green(None, skipped="build")),
        note(Fact.REOPENED, story.reopened(a_run(44))),
        note(Fact.CALLED, story.still_broken(incident, after=QUARTER)),
        note(Fact.CALLED, story.still_broken(INCIDENT, after=QUARTER)),
        note(Fact.CALLED, story.cause_changed("test_adds failed")),
    ]
    assert lines(told) == snapshot(
        """\
Run #43 failed too, 2 in a row.
Cause: the registry answered 503 (registry_5xx).
ana has taken it.
Run #43 is green, but it skipped build, so this is still broken.
A newer run is green, but it skipped build, so this is still broken.
Reopened: Run #44 failed again.
A person is needed: the registry answered 503, and it is still broken after 15 min.
A person is needed: its log could not be read yet, and it is still broken after 15 min.
A person is needed: the cause has changed: test_adds failed.\
"""
    )


def test_what_became_of_retries() -> None:
    told = [
        note(Fact.RETRY_PLANNED, story.retry_planned(timedelta(minutes=5), "it usually passes")),
        note(Fact.RETRY_SENT, "attempt 2."),
        note(Fact.RETRY_SENT, "attempt 2.", who="ana"),
        note(Fact.RETRY_REFUSED, "GitHub re-runs nothing older than 30 days.", who="ana"),
        note(Fact.RETRY_DROPPED, "run #43 is newer."),
        note(Fact.RETRY_FAILED, story.retry_failed(a_run(42, 2), who="the bot")),
        note(Fact.CALLED, story.retry_impossible("GitHub re-runs nothing older than 30 days.")),
    ]
    assert lines(told) == snapshot(
        """\
I retry the failed jobs in 5 min: it usually passes.
Retried by the bot: attempt 2.
Retried by ana: attempt 2.
The retry by ana was refused: GitHub re-runs nothing older than 30 days.
The retry by the bot was dropped: run #43 is newer.
The retry by the bot did not help: attempt 2 failed too.
A person is needed: I could not retry it: GitHub re-runs nothing older than 30 days.\
"""
    )


def test_how_it_ended() -> None:
    ends = {
        Ending.GREEN: "retry by ana (attempt 2)",
        Ending.SUPERSEDED: story.superseded_by("v2024.8.7"),
        Ending.EXPIRED: "no run for 30 days",
        Ending.RESOLVED: "ana said so",
    }
    assert lines(
        [note(Fact.ENDED, story.ended(how, by=by)) for how, by in ends.items()]
    ) == snapshot(
        """\
Green: retry by ana (attempt 2).
Superseded: release v2024.8.7 is green.
Expired: no run for 30 days.
Resolved: ana said so.\
"""
    )


def test_a_first_run_again_is_no_streak() -> None:
    """One in a row is no row."""
    assert story.joined(a_run(42, 2), streak=1) == "Run #42 (attempt 2) failed too."


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(story.still_broken(an_incident(reason="x"), after=QUARTER), id="still-broken"),
        pytest.param(story.cause_changed("x"), id="cause-changed"),
        pytest.param(story.retry_impossible("run #43 is newer"), id="without-a-full-stop"),
        pytest.param(story.retry_impossible("It is too old."), id="with-a-full-stop"),
    ],
)
def test_a_call_is_one_sentence(words: str) -> None:
    """It follows "A person is needed: "; GitHub's own words bring their full stop."""
    assert words.endswith(".")
    assert not words.endswith("..")


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(seconds=60), "60 s"),
        (timedelta(seconds=89), "89 s"),
        (timedelta(seconds=90), "2 min"),
        (timedelta(minutes=20), "20 min"),
    ],
)
def test_waits_are_said_shortly(time: timedelta, words: str) -> None:
    assert story.span(time) == words
