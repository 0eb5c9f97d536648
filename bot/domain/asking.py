"""A person asks for a retry, and what comes of it."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.person import Person
from bot.domain.press import Target
from bot.domain.retry import Retry, Scope


class Confirmed(StrEnum):
    """What a person has said yes to; the value ends the action of the button that says so."""

    NOTHING = ""
    RELEASE = "_confirmed"  # that it builds or deploys a release
    OLDER = "_older_confirmed"  # that something newer has been built since, and the above


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a person wants to be run again."""

    target: Target
    by: Person
    scope: Scope = Scope.FAILED
    debug: bool = False
    confirmed: "Confirmed" = Confirmed.NOTHING
    named: bool = False
    """The run was named in a command: that run is meant, and no other."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The wish is stored; `retry` says what became of it so far."""

    retry: Retry
    run_ended: bool = True


@dataclass(frozen=True, slots=True)
class TooLate:
    """Somebody was faster; one retry is enough."""

    first: Retry


@dataclass(frozen=True, slots=True)
class Unsure:
    """The person must confirm first."""

    question: str
    target: Target
    confirms: Confirmed
    """What a yes confirms; nothing where it only moves on to another run."""


Outcome = Taken | TooLate | Unsure
