"""What GitHub is asked for, since some questions can wait for an hour and some people can't."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum


class Purpose(StrEnum):
    """Under a scarce budget the last of these stops first."""

    PEOPLE = "people"  # somebody waits for the answer
    TRIAGE = "triage"  # what a delivery needs to be understood
    DIAGNOSIS = "diagnosis"
    RECONCILE = "reconcile"


# A context variable, since each call of the code host would hand it on and none would look.
_PURPOSE: ContextVar[Purpose] = ContextVar("purpose", default=Purpose.TRIAGE)


@contextmanager
def asking_for(purpose: Purpose) -> Iterator[None]:
    """Name what all questions within the block are for."""
    token = _PURPOSE.set(purpose)
    try:
        yield
    finally:
        _PURPOSE.reset(token)


def present_purpose() -> Purpose:
    return _PURPOSE.get()
