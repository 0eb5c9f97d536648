"""Whom and when a message speaks of, as its reader sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from html import escape
from typing import Final

STEPS: Final = (
    (timedelta(minutes=1), timedelta(seconds=1), "second"),
    (timedelta(hours=1), timedelta(minutes=1), "minute"),
    (timedelta(days=1), timedelta(hours=1), "hour"),
    (timedelta.max, timedelta(days=1), "day"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who looks: the apps fill in names and moments for each reader anew."""

    now: datetime
    zone: tzinfo = UTC
    names: Mapping[str, str] = field(default_factory=dict)
    """What ids of people, groups, roles and channels are called, without a sign before it."""

    def mention(self, id: str) -> str:
        return f'<span class="mention">@{escape(self.names.get(id, id))}</span>'

    def clock(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%H:%M}"

    def day(self, at: datetime) -> str:
        here = at.astimezone(self.zone)
        return f"{here:%b} {here.day}"

    def ago(self, at: datetime) -> str:
        """Say how far off a moment is: "3 hours ago", "in 5 minutes"."""
        away = abs(at - self.now)
        unit, word = next((unit, word) for below, unit, word in STEPS if away < below)
        count = away // unit
        words = f"{count} {word}" if count == 1 else f"{count} {word}s"
        return f"{words} ago" if at <= self.now else f"in {words}"
