"""One button, command or form that a person sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.ids import IncidentId, PressId, RunId
from bot.domain.person import Person
from bot.domain.subscription import Place

STALE_AFTER: Final = timedelta(minutes=15)  # both platforms take an answer for about as long


class PressKind(StrEnum):
    BUTTON = "button"
    COMMAND = "command"
    FORM = "form"
    CHOICES = "choices"  # asked while typing; never stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the pressed card showed; the newest state may be another."""

    incident: IncidentId
    run: RunId
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    id: PressId
    """The platform's own id of the interaction."""
    kind: PressKind
    name: str
    """The button's action or the command's word: "retry", "status"."""
    place: Place
    by: Person
    target: Target | None = None
    message: str = ""
    """The message that the button stands on."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    token: str = ""
    """Where the answer goes, as the platform wants it; good for about 15 minutes."""
    received_at: datetime
