"""Ids that carry their time, as Discord makes them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeAlias

Clock: TypeAlias = Callable[[], float]  # seconds since 1970

EPOCH_MS: Final = 1_420_070_400_000  # the first second of 2015
TIME_SHIFT: Final = 22


class Snowflakes:
    """Give out growing ids, also while the clock stands still."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def __call__(self) -> int:
        now = (int(self._clock() * 1000) - EPOCH_MS) << TIME_SHIFT
        self._last = max(now, self._last + 1)
        return self._last


def iso(moment: float) -> str:
    """Write a moment as Discord does."""
    return datetime.fromtimestamp(moment, UTC).isoformat()
