"""Words made harmless and short: nothing torn, nothing turned around."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.slack.words import cut, log_line, one_line, shorten, units, width
from bot.messages.text import Code, Moment, plain
from tests.unit.slack.views import NOW, texts


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        pytest.param("short", 5, "short", id="fits"),
        pytest.param("the registry answered", 15, "the registry…", id="between-words"),
        pytest.param("x" * 30, 10, "x" * 9 + "…", id="one-long-word"),
        pytest.param("abcd\U0001f469\u200d\U0001f692 e", 8, "abcd…", id="emoji-stays-whole"),
        pytest.param("abcde\u0301fgh", 6, "abcd…", id="accent-stays-with-its-letter"),
        pytest.param("\U0001f525" * 10, 7, "\U0001f525" * 3 + "…", id="counts-in-utf-16"),
    ],
)
def test_cut(text: str, most: int, expected: str) -> None:
    assert cut(text, most) == expected


@given(st.text(max_size=300), st.integers(2, 60))
def test_cut_keeps_its_limit(text: str, most: int) -> None:
    assert units(cut(text, most)) <= most


@given(texts, st.integers(2, 200))
def test_shorten_keeps_its_limit(text: tuple[str, ...], most: int) -> None:
    assert width(shorten(text, most)) <= most


def test_a_line_stays_one_line() -> None:
    assert one_line("fix\r\nFIXED\u2028 all\tgood\x85.") == "fix FIXED all good ."


def test_what_turns_or_hides_text_is_shown() -> None:
    assert one_line("a\u202eb\u200bc\ud800") == "a\ufffdb\ufffdc\ufffd"


def test_a_log_line_keeps_its_spacing() -> None:
    assert log_line("  at\tmain \r\x00") == "  at\tmain \ufffd\ufffd"


def test_a_time_is_dropped_rather_than_cut() -> None:
    text = ("I retry at ", Moment(NOW), " or ", Code("never"))
    assert plain(shorten(text, 20)) == "I retry at …"
