"""Words keep their parts, so that renderers can escape each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.text import (
    Code,
    Link,
    Mention,
    Moment,
    Strong,
    Text,
    TimeStyle,
    count_of,
    join,
    plain,
    say,
    sentence,
)
from tests.unit.made import NOON


def test_a_value_stays_a_part() -> None:
    text = say("I retry {what} at {when}.", what=Code("main"), when=Moment(NOON))

    assert text == ("I retry ", Code("main"), " at ", Moment(NOON), ".")


def test_a_text_in_a_text_is_spread_out() -> None:
    assert say("{one}!", one=say("by {who}", who=Strong("ana"))) == ("by ", Strong("ana"), "!")


def test_numbers_are_said_and_nothing_leaves_no_part() -> None:
    assert say("{n} jobs{rest}", n=3, rest=()) == ("3", " jobs")
    assert say("{word}", word="") == ()


def test_a_missing_value_is_our_mistake() -> None:
    with pytest.raises(KeyError):
        say("{who} was first")


@given(st.text())
def test_what_a_stranger_wrote_is_never_a_template(words: str) -> None:
    """A branch called "{reason}" is a branch called "{reason}"."""
    assert plain(say("on {branch}", branch=Code(words))) == f"on {words}"
    assert say("{words}", words=words) == ((words,) if words else ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param((Moment(NOON),), "2026-11-24 12:00 UTC", id="moment"),
        pytest.param((Moment(NOON, TimeStyle.AGO),), "2026-11-24 12:00 UTC", id="ago"),
        pytest.param((Mention("slack:user:U1", "ana"),), "@ana", id="mention"),
        pytest.param((Mention("slack:group:S1"),), "@S1", id="mention-without-a-name"),
        pytest.param((Link("1a2b3c4", "https://x.example"),), "1a2b3c4", id="link"),
        pytest.param((Strong("RED"), " on ", Code("main")), "RED on main", id="strong-and-code"),
        pytest.param((), "", id="nothing"),
    ],
)
def test_plain_text_has_no_markup(text: Text, words: str) -> None:
    assert plain(text) == words


def test_join_leaves_out_what_is_empty() -> None:
    assert join([(), say("one"), (), say("two"), ()]) == ("one", " ", "two")
    assert join([say("a"), say("b")], ", ") == ("a", ", ", "b")
    assert join([]) == ()


@pytest.mark.parametrize(
    ("words", "said"),
    [("GitHub is down", "GitHub is down."), ("It is.", "It is."), (KeyError("x"), "'x'.")],
)
def test_a_sentence_has_one_full_stop(words: object, said: str) -> None:
    assert sentence(words) == said


def test_things_are_counted_as_people_do() -> None:
    assert [count_of(number, "job") for number in (0, 1, 2)] == ["0 jobs", "1 job", "2 jobs"]
