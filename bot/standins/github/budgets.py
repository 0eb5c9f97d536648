"""GitHub's rate limits: so many requests an hour, so many points a minute, so many at once."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.standins.github.refusal import RefusalError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.standins.github.limits import Limits

SECONDARY: Final = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)


@dataclass(slots=True)
class Hour:
    """What one caller has used of the hour that ends at *reset* (epoch seconds)."""

    limit: int
    reset: int
    used: int = 0

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


class Budgets:
    """The requests of every caller, counted."""

    def __init__(self, clock: Callable[[], float], limits: Limits) -> None:
        self._clock = clock
        self._limits = limits
        self._hours: dict[str, Hour] = {}
        self._points: defaultdict[str, deque[tuple[float, int]]] = defaultdict(deque)
        self._running: Counter[str] = Counter()

    def hour(self, caller: str) -> Hour:
        """Return the caller's current hour."""
        now = int(self._clock())
        found = self._hours.get(caller)
        if found is None or found.reset <= now:
            anonymous = caller == "anonymous"
            limits = self._limits
            limit = limits.anonymous_requests_an_hour if anonymous else limits.requests_an_hour
            found = self._hours[caller] = Hour(limit, now + 3_600)
        return found

    def exhaust(self, caller: str) -> None:
        """Let the caller have nothing left this hour."""
        hour = self.hour(caller)
        hour.used = hour.limit

    def enter(self, caller: str, method: str) -> None:
        """Count a request that begins.

        Raises:
            RefusalError: A limit is reached; the primary's says until when, the secondary's
                how long to wait.
        """
        hour = self.hour(caller)
        if not hour.remaining:
            raise RefusalError(
                self._limits.rate_limit_status, f"API rate limit exceeded for {caller}."
            )
        now = self._clock()
        points = self._points[caller]
        while points and points[0][0] <= now - 60:
            points.popleft()
        cost = 1 if method in {"GET", "HEAD", "OPTIONS"} else 5
        spent = sum(cost for _, cost in points)
        if (
            spent + cost > self._limits.points_a_minute
            or self._running[caller] >= self._limits.requests_at_once
        ):
            raise self.secondary()
        points.append((now, cost))
        hour.used += 1
        self._running[caller] += 1

    def leave(self, caller: str, *, free: bool) -> None:
        """Count a request that ends; an answer 304 was free."""
        self._running[caller] -= 1
        if free:
            self.hour(caller).used -= 1

    def secondary(self) -> RefusalError:
        wait = int(self._limits.secondary_wait.total_seconds())
        return RefusalError(
            self._limits.rate_limit_status, SECONDARY, headers={"Retry-After": str(wait)}
        )

    def headers(self, caller: str) -> dict[str, str]:
        hour = self.hour(caller)
        return {
            "X-RateLimit-Limit": str(hour.limit),
            "X-RateLimit-Remaining": str(hour.remaining),
            "X-RateLimit-Reset": str(hour.reset),
            "X-RateLimit-Used": str(hour.used),
            "X-RateLimit-Resource": "core",
        }
