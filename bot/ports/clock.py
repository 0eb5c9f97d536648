"""The time of day."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Return this moment in UTC."""
        ...
