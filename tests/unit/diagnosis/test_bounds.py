"""Logs of any size and shape are read in pieces, and the pieces change nothing."""

import pytest

from bot.diagnosis import Reader, diagnose
from bot.diagnosis.shelf import MAX_LINES
from bot.diagnosis.windows import WINDOW_BYTES, Window, Windows
from bot.domain.failure import Cause

STAMP = "2026-03-01T10:00:00.0000000Z "
CROWD = "".join(f"{STAMP}ERROR: part {chr(97 + n % 26)}{n} failed to load\n" for n in range(40_000))
"""Three megabytes in which every line looks like a reason."""


def test_structure_is_found_in_a_log_full_of_candidates() -> None:
    log = (
        f"{STAMP}##[group]Run make\n{STAMP}##[endgroup]\n{CROWD}"
        f"{STAMP}main.c:1:1: error: expected ';'\n"
        f"{STAMP}##[error]Process completed with exit code 2.\n"
        f"{STAMP}Post job cleanup.\n{CROWD}"
    )
    diagnosis = diagnose([log.encode()])
    assert diagnosis.cause is Cause.COMPILE_ERROR
    assert 40_003 in [line.number for line in diagnosis.excerpt]


def test_the_end_of_such_a_log_is_looked_at_in_full() -> None:
    log = f"{CROWD}fatal: couldn't find remote ref refs/tags/v9\n"
    assert diagnose([log.encode()]).rule == "git/ref-missing"


def test_what_is_kept_does_not_grow_with_the_log() -> None:
    reader = Reader()
    for _ in range(4):
        reader.feed(CROWD.encode())
    kept = reader.kept()
    assert kept.lines <= MAX_LINES + 100
    assert kept.spots < 1_000


def test_many_steps_are_kept_within_bounds() -> None:
    step = f"{STAMP}##[group]Run x\n{STAMP}##[endgroup]\n{STAMP}error: a\n"
    reader = Reader()
    reader.feed((step * 5_000).encode())
    assert reader.kept().spots < 2_000


@pytest.mark.parametrize("size", [1, 1_000, WINDOW_BYTES, WINDOW_BYTES * 3 + 7])
def test_windows_hold_every_byte_once(size: int) -> None:
    log = b"".join(b"%d " % n + b"x" * (n % 500) + b"\n" for n in range(1_500)) + b"y" * 600_000
    windows = Windows()
    found: list[Window] = []
    for start in range(0, len(log), size):
        found += windows.feed(log[start : start + size])
        if size == 1 and start > 5_000:
            found += windows.feed(log[start + 1 :])
            break
    found += windows.finish()
    assert b"".join(window.data for window in found) == log
    assert all(len(window.data) <= WINDOW_BYTES for window in found)
    assert [w.number for w in found] == [1 + log[:at].count(b"\n") for at in starts(found)]
    assert [window.last for window in found] == [False] * (len(found) - 1) + [True]


def starts(found: list[Window]) -> list[int]:
    at, result = 0, []
    for window in found:
        result.append(at)
        at += len(window.data)
    return result
