"""How often one may speak: so many times in so long, in a line in which nobody loses his place."""

import math
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

GRACE: Final = 5.0  # seconds for which a place is kept for who comes late
HARDLY: Final = 1e-6  # seconds; sums of floats do not always come back to where they were


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What may be done within a window, wherever it begins."""

    most: int
    per: timedelta
    reserve: int = 0
    """Of these, what only the urgent may use."""
    assumed: int = 0
    """What may have been done before we began to count: by us before a restart, or by another."""
    lasts: bool = False
    """Whether a turn lasts until its `end`, and the window begins there: however late what was
    begun arrives, what comes after it arrives later still."""


@dataclass(slots=True)
class Line:
    """Who may speak now; who may not is told when, and keeps his place until then.

    Times are seconds of a clock that never jumps. The urgent stand in a line of their own,
    and go first.
    """

    rate: Rate
    began: float
    _taken: deque[float] = field(default_factory=deque)
    _lasting: int = 0
    # In the order in which they came, with the moment that each was told.
    _urgent: dict[str, float] = field(default_factory=dict)
    _calm: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._taken.extend([self.began] * self.rate.assumed)

    def wait(self, key: str, now: float, *, urgent: bool = True) -> float:
        """Return how many seconds to wait; zero: `take` it now, or leave it."""
        self._forget(now)
        line = self._urgent if urgent else self._calm
        told = line.get(key, now)
        if told > now + HARDLY:
            return told - now
        before = [*(() if urgent else self._urgent.values()), *_before(line, key)]
        spare = self.rate.most - (0 if urgent else self.rate.reserve)
        if spare - len(self._taken) - self._lasting > sum(at <= now + HARDLY for at in before):
            return 0
        # One more than `now`, so that what is told is never that it is now.
        line[key] = max(self._free(len(before), spare, now), now + self._per / self.rate.most)
        return line[key] - now

    def keep(self, key: str, until: float, *, urgent: bool = True) -> None:
        """Keep a place for somebody whom something else holds up."""
        (self._urgent if urgent else self._calm)[key] = until

    def take(self, key: str, now: float) -> None:
        """Speak, and leave the line."""
        self._urgent.pop(key, None)
        self._calm.pop(key, None)
        if self.rate.lasts:
            self._lasting += 1
        else:
            self._taken.append(now)

    def end(self, now: float) -> None:
        """Fall silent, after a turn that lasts."""
        if self.rate.lasts:
            self._lasting -= 1
            self._taken.append(now)

    def is_idle(self, now: float) -> bool:
        self._forget(now)
        return not (self._taken or self._lasting or self._urgent or self._calm)

    def _free(self, before: int, spare: int, now: float) -> float:
        """Return when somebody may speak after so many others have."""
        taken = [*self._taken, *[now] * self._lasting]  # at the earliest
        last = len(taken) - 1
        frees = last + 1 - spare + before  # the one of whom the window has to be rid
        rounds = max(0, math.ceil((frees - last) / spare))
        frees -= rounds * spare
        first = taken[frees] + self._per if frees >= 0 else now
        return first + rounds * self._per

    @property
    def _per(self) -> float:
        return self.rate.per.total_seconds()

    def _forget(self, now: float) -> None:
        while self._taken and self._taken[0] <= now - self._per + HARDLY:
            self._taken.popleft()
        for line in (self._urgent, self._calm):
            for key in [key for key, at in line.items() if at < now - GRACE]:
                del line[key]


def _before(line: Mapping[str, float], key: str) -> Iterator[float]:
    """Yield what those were told who stand before *key*, or are here already."""
    for other, told in line.items():
        if other == key:
            return
        yield told
