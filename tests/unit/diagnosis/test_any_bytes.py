"""Whatever bytes come: a valid diagnosis, and no line that the log does not have."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.diagnosis import Reader, diagnose, redact
from bot.diagnosis.text import without_escapes
from bot.domain.failure import EXCERPT_LINES, Cause, Diagnosis

PIECES = [
    *(b"error: ", b"FAILED ", b"fatal: ", b"##[error]", b"##[group]Run x", b"##[endgroup]"),
    *(b"\n", b"\r", b"\r\n", b"\0", b"\x1b[31m", b"\x1b[", b"\xff", b"\xe2\x80\xa6", b"   at x"),
    *(b"2026-03-01T10:00:00.0000000Z ", b"Post job cleanup.", b"ERROR: Job failed", b"***"),
    *(b"token=x9Kq2LmP7wZt", b"https://a:b1c2d3e4@c.example", b"E   assert", b"--- FAIL: TestX"),
]
LOGS = st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), max_size=60).map(b"".join)


def source_lines(log: bytes) -> list[str]:
    return [line.decode("utf-8", "replace") for line in without_escapes(log).split(b"\n")]


def check(diagnosis: Diagnosis, log: bytes) -> None:
    assert isinstance(diagnosis.cause, Cause)
    assert 0 <= diagnosis.confidence <= 1
    assert len(diagnosis.excerpt) <= EXCERPT_LINES
    numbers = [line.number for line in diagnosis.excerpt]
    assert numbers == sorted(set(numbers))
    lines = source_lines(log)
    for line in diagnosis.excerpt:
        assert is_quoted(line.text, lines[line.number - 1])


def is_quoted(text: str, source: str) -> bool:
    """Say whether *text*, but for what it says was left out, stands in *source* in that order."""
    at = 0
    for sign in without_marks(text):
        at = source.find(sign, at) + 1
        if not at:
            return False
    return True


def without_marks(text: str) -> str:
    while "[redacted: " in text:
        before, _, rest = text.partition("[redacted: ")
        text = before + rest.partition("]")[2]
    return text.replace("…", "")


@given(LOGS)
@settings(max_examples=300, deadline=None)
def test_valid_and_quoted(log: bytes) -> None:
    check(diagnose([log]), log)


@given(LOGS, st.integers(1, 40))
@settings(max_examples=100, deadline=None)
def test_the_blocks_do_not_change_the_verdict(log: bytes, size: int) -> None:
    whole, reader = diagnose([log]), Reader()
    for start in range(0, len(log), size):
        reader.feed(log[start : start + size])
    assert reader.finish() == whole


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_redacting_twice_changes_nothing(text: str) -> None:
    once, _ = redact(text)
    assert redact(once)[0] == once
