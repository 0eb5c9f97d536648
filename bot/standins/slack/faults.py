"""Trouble on demand: refusals, cut connections, delays."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Cut(StrEnum):
    """When the connection breaks: the act did not happen, or nobody heard that it did."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(slots=True, kw_only=True)
class Fault:
    method: str
    path_pattern: str
    times: int
    status: int = 200
    error: str | None = None
    cut: Cut | None = None
    delay: timedelta = timedelta()
    retry_after: timedelta | None = None

    def meets(self, method: str, path: str) -> bool:
        """Say whether it strikes here; the pattern is searched for in the path."""
        fits = self.method in ("*", method) and re.search(self.path_pattern, path) is not None
        return fits and self.times > 0


class Faults:
    """The faults that are still to happen; the oldest that fits strikes first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._waiting.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        fault = next((each for each in self._waiting if each.meets(method, path)), None)
        if fault:
            fault.times -= 1
        return fault
