"""Rate limits: one bucket a route and place, and one over everything a second."""

import hashlib
from dataclasses import dataclass
from math import ceil
from typing import Final

from bot.standins.discord.refusal import Json
from bot.standins.discord.rules import Bucket, Rules
from bot.standins.discord.snowflakes import Clock

SECOND: Final = 1.0


@dataclass(slots=True)
class Window:
    """How much of a bucket is used, and when it is full again."""

    used: int
    resets: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """Whether a request may pass, and the headers that say how things stand."""

    passed: bool
    headers: dict[str, str]
    body: Json


class RateLimits:
    """Counts requests as Discord does; the caller names route and place."""

    def __init__(self, rules: Rules, clock: Clock) -> None:
        self._rules = rules
        self._clock = clock
        self._windows: dict[tuple[str, str], Window] = {}
        self._all = Window(0, 0.0)
        self.refused = 0

    def take(self, route: str, place: str, *, counts_globally: bool) -> Limited:
        """Count one request."""
        now = self._clock()
        if counts_globally and not self._fits(self._all, self._rules.requests_a_second, SECOND):
            self.refused += 1
            return _refusal(self._all.resets - now, {"X-RateLimit-Global": "true"}, scope="global")
        bucket = self._rules.buckets.get(route, self._rules.other_routes)
        window = self._windows.setdefault((route, place), Window(0, 0.0))
        passed = self._fits(window, bucket.requests, bucket.per.total_seconds())
        headers = self._headers(route, bucket, window, now)
        if passed:
            return Limited(passed=True, headers=headers, body={})
        self.refused += 1
        return _refusal(window.resets - now, headers, scope="user")

    def _fits(self, window: Window, requests: int, per: float) -> bool:
        now = self._clock()
        if now >= window.resets:
            window.used, window.resets = 0, now + per
        window.used += 1
        return window.used <= requests

    def _headers(self, route: str, bucket: Bucket, window: Window, now: float) -> dict[str, str]:
        name = hashlib.blake2b(route.encode(), digest_size=16).hexdigest()
        return {
            "X-RateLimit-Limit": str(bucket.requests),
            "X-RateLimit-Remaining": str(max(bucket.requests - window.used, 0)),
            "X-RateLimit-Reset": f"{window.resets:.3f}",
            "X-RateLimit-Reset-After": f"{window.resets - now:.3f}",
            "X-RateLimit-Bucket": name,
        }


def _refusal(wait: float, headers: dict[str, str], *, scope: str) -> Limited:
    body: Json = {
        "message": "You are being rate limited.",
        "retry_after": round(max(wait, 0.001), 3),
        "global": scope == "global",
        "code": 0,
    }
    more = {"Retry-After": str(ceil(wait)), "X-RateLimit-Scope": scope}
    return Limited(passed=False, headers=headers | more, body=body)
