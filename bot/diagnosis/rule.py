"""A rule: which lines it knows, and what they mean."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from bot.domain.failure import Advice, Cause

DEFAULT_WEIGHT: Final = 70


class Role(StrEnum):
    """What a line is to the engine."""

    EVIDENCE = "evidence"  # it may be the reason
    SUMMARY = "summary"  # it counts or concludes; shown beside a reason, alone only if need be
    NOISE = "noise"  # it looks like evidence and is none
    RETRYING = "retrying"  # whatever failed here is tried again
    STEP = "step"  # a new step of the job begins
    ECHO = "echo"  # a new step begins, and its source is shown until the echo ends
    ECHO_END = "echo-end"
    STOP = "stop"  # the step that failed ends here
    CLEANUP = "cleanup"  # what follows comes after the verdict: post steps, uploads


MARKS: Final = frozenset({Role.STEP, Role.ECHO, Role.ECHO_END, Role.STOP, Role.CLEANUP})
"""Lines that are the structure of a log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of line, as read from a rule file."""

    name: str
    """Its file's stem, a slash, its own name: "python/no-module"."""
    order: int
    """Between equal evidence, the lower order decides."""
    patterns: tuple[str, ...]
    excludes: tuple[str, ...] = ()
    role: Role = Role.EVIDENCE
    weight: int = DEFAULT_WEIGHT
    """0 to 100: how sure such a line is the reason of a failed job."""
    cause: Cause | None = None
    generic: bool = False
    """A line class for any tool; it proves lines, and only guesses at a cause."""
    retry: Advice = Advice.NO
    wait: timedelta = timedelta(0)
    reason: str = ""
    stable: str = ""
    names: str = ""
    matches: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()

    @property
    def transient(self) -> bool:
        return self.retry is Advice.YES
