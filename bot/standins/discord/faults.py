"""Faults that a test asks for: errors, cut connections, delays."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from fnmatch import fnmatchcase


class Cut(Enum):
    """When a connection is broken: before the act happened, or after it."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(slots=True, kw_only=True)
class Fault:
    """What goes wrong, for the next so many requests that match."""

    method: str
    path: str
    times: int = 1
    status: int | None = None
    cut: Cut | None = None
    wait: timedelta = timedelta()


class Faults:
    """Faults that still wait for a request; `down` refuses everything."""

    def __init__(self) -> None:
        self.down = False
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._waiting.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that this request meets, if any."""
        for fault in self._waiting:
            if fault.method in (method, "*") and fnmatchcase(path, fault.path):
                fault.times -= 1
                if not fault.times:
                    self._waiting.remove(fault)
                return fault
        return None
