"""The time of day."""

from datetime import datetime, timedelta
from typing import Final, Protocol

PATIENCE: Final = timedelta(seconds=30)
"""After it, a request without an answer has acted or never will; see `request_timeout`."""


class Clock(Protocol):
    def now(self) -> datetime:
        """Return this moment in UTC."""
        ...
