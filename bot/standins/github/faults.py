"""Trouble on demand: refused, slow and cut requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Literal


@dataclass(slots=True, kw_only=True)
class Fault:
    """What happens to the next few requests that match.

    Attributes:
        status: Answer this instead of acting; None lets the request act.
        cut: Drop the connection, before or after the act.
        delay: Wait before anything else.
    """

    method: str
    path: str
    times: int = 1
    status: int | None = None
    message: str = "Server Error"
    headers: dict[str, str] = field(default_factory=dict)
    cut: Literal["before", "after"] | None = None
    delay: timedelta = timedelta(0)


class Faults:
    """The trouble that waits for its request, first come first served."""

    def __init__(self) -> None:
        self.down = False
        """Answer every request 503, as in an outage."""
        self.unreachable = False
        """Drop every connection."""
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._waiting.append(fault)

    def next_for(self, method: str, path: str) -> Fault:
        """Take the first fault that matches; without one, the fault that does nothing."""
        if self.unreachable:
            return Fault(method=method, path=path, cut="before")
        if self.down:
            return Fault(method=method, path=path, status=503, message="Service unavailable")
        for fault in self._waiting:
            if fault.method in {method, "*"} and fnmatchcase(path, fault.path):
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
        return Fault(method=method, path=path)
