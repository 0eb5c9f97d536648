"""Due rows: what should happen, and when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DueKind(StrEnum):
    DELIVERY = "delivery"  # id: the delivery's
    PRESS = "press"  # id: the press's
    REF = "ref"  # id: repository and name, see RefQuestion
    DIAGNOSIS = "diagnosis"  # id: the incident's
    GREEN = "green"  # id: the incident's; did the broken job run in the green run?
    GONE = "gone"  # id: the incident's; does what broke still exist?
    RETRY = "retry"  # id: the retry's
    CARD = "card"  # id: the card's
    WATCH = "watch"  # id: the incident's; call people, expire


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A claimed row; only who claimed it may cross it off."""

    kind: DueKind
    id: str
    key: str
    """One at a time per key."""
    due_at: datetime
    tries: int
    """How often it was claimed since an outcome was last recorded, this time included."""
