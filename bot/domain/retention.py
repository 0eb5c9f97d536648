"""How long what is stored stays; what is open, due or judged by stays anyway."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    deliveries: timedelta = timedelta(days=14)
    presses: timedelta = timedelta(days=30)
    set_aside: timedelta = timedelta(days=90)
    runs: timedelta = timedelta(days=400)
    incidents: timedelta | None = None
    """None: for ever."""
