"""Wishes for a later moment, in memory: if we die, the sweep finds their rows when they are due."""

from collections.abc import Iterator
from datetime import datetime
from heapq import heappop, heappush
from typing import Final

from bot.domain.work import DueKind
from bot.ports.clock import Clock

Wish = tuple[DueKind, str]

MOST_WAITING: Final = 20_000  # wishes of one sort, some 10 MB; the sweep finds what is dropped
LONGEST_PAUSE: Final = 5.0  # seconds; the clock may be set forward meanwhile


class Later:
    def __init__(self, clock: Clock, *, most: int = MOST_WAITING) -> None:
        self._clock = clock
        self._most = most
        self._heap: list[tuple[datetime, Wish, str]] = []
        self._known: set[tuple[datetime, Wish]] = set()

    def put(self, wish: Wish, key: str, at: datetime) -> None:
        if (at, wish) not in self._known and len(self._heap) < self._most:
            self._known.add((at, wish))
            heappush(self._heap, (at, wish, key))

    def ripe(self) -> Iterator[tuple[Wish, str]]:
        """Take out what has come due, the earliest first."""
        while self._heap and self._heap[0][0] <= self._clock.now():
            at, wish, key = heappop(self._heap)
            self._known.discard((at, wish))
            yield wish, key

    def pause(self) -> float | None:
        """Return for how many seconds nobody need look; None where nothing waits."""
        if not self._heap:
            return None
        wait = (self._heap[0][0] - self._clock.now()).total_seconds()
        return min(max(wait, 0.0), LONGEST_PAUSE)
