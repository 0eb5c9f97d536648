"""Counting calls: so many of a kind in a window of time."""

import math
from collections import defaultdict, deque
from collections.abc import Callable, Hashable
from datetime import timedelta

from bot.standins.slack.errors import RateLimitedError


class Rates:
    """Sliding windows, one a key."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._taken: defaultdict[Hashable, deque[float]] = defaultdict(deque)

    def take(self, key: Hashable, *, most: int, window: timedelta) -> None:
        """Count one call.

        Raises:
            RateLimitedError: *most* calls were counted within *window*; this one was not.
        """
        now, taken = self._clock(), self._taken[key]
        while taken and taken[0] <= now - window.total_seconds():
            taken.popleft()
        if len(taken) >= most:
            wait = taken[0] + window.total_seconds() - now
            raise RateLimitedError(max(1, math.ceil(wait)))
        taken.append(now)
