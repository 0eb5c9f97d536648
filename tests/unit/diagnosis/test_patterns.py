"""The pattern language: within a line, anchored after prefixes, captures in linear time."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.diagnosis.captures import capture, first
from bot.diagnosis.patterns import PatternError, split_capture, within_line


@pytest.mark.parametrize(
    ("pattern", "line", "found"),
    [
        ("No module named '([^']+)'", "No module named 'left' or 'x'", ["left"]),
        ("named '([^']+)'", "named 'a', named 'b'", ["a", "b"]),
        (r"^(\S+): ", "make: all: x", ["make"]),
        (r"(?i)FOR ([^\s=]+)==", "found for left==9", ["left"]),
        (r"^error in ([^:]+): \d+$", "error in a b: 12", ["a b"]),
        (r"tests/(\w+)\.py", "tests/a.py tests/b.txt tests/c.py", ["a", "c"]),
        (r"nothing (\d+)", "nothing here", []),
    ],
)
def test_capture(pattern: str, line: str, found: list[str]) -> None:
    assert list(capture(pattern, line.encode())) == found


def test_threads_capture_at_once() -> None:
    """Each log is read in a thread of its own, and the patterns are shared."""
    line = b"FAILED tests/test_sum.py::test_adds - assert 3 == 4 " * 15
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: first(r"FAILED (\S+)", line), range(400)))
    assert set(found) == {"tests/test_sum.py::test_adds"}


def test_a_capture_does_not_choke() -> None:
    """A backtracking engine would need years for this."""
    assert list(capture(r"x((?:a|a)*(?:a|a)*)b", b"x" + b"a" * 900)) == []


@pytest.mark.parametrize("pattern", ["no group", "(two) (groups)", "(?:only) this"])
def test_a_capture_needs_one_group(pattern: str) -> None:
    with pytest.raises(PatternError):
        split_capture(pattern)


def test_nothing_matches_beyond_its_line() -> None:
    assert within_line(r"\s[^x\]]\W[\s)]") == r"[\t\r\f\x0b ][^\nx\]][^\n\w][\t\r\f\x0b )]"
