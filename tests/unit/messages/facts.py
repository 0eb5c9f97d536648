"""What cards are drawn from."""

from typing import Any

from bot.domain.failure import Cause, History
from bot.messages.facts import NO_HISTORY, CardFacts
from tests.unit.made import (
    REGISTRY_503,
    REPO,
    TEST_FAILED,
    a_failed_job,
    a_run,
    an_incident,
)

MATRIX = tuple(a_failed_job(f"build ({cell})") for cell in ("linux/amd64", "linux/arm64"))
KNOWN: dict[str, Any] = {
    "cause": Cause.REGISTRY_5XX,
    "reason": REGISTRY_503.reason,
    "diagnosed": (812, 1),
    "jobs": 15,
}
BROKEN: dict[str, Any] = {
    "cause": Cause.TEST_FAILURE,
    "reason": TEST_FAILED.reason,
    "diagnosed": (812, 1),
    "jobs": 15,
    "outlook": "a failed test does not pass by itself",
}


def facts(
    *,
    failed: tuple[Any, ...] = (),
    retries: tuple[Any, ...] = (),
    history: History = NO_HISTORY,
    **about: Any,
) -> CardFacts:
    """Return the facts of a red run of main; *about* are the incident's."""
    return CardFacts(
        incident=an_incident(**about),
        repo=REPO,
        run=a_run(),
        failed=failed,
        retries=retries,
        history=history,
    )
