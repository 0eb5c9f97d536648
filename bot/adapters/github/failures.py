"""What GitHub's refusals mean: wait, give up, or tell a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

import msgspec

from bot.adapters.github import answers
from bot.adapters.github.wording import one_line
from bot.domain.errors import (
    NotFoundError,
    OperatorError,
    PermanentError,
    SmokejumperError,
    TransientError,
)

MEANINGS: Final[dict[int, tuple[type[SmokejumperError], str]]] = {
    HTTPStatus.UNAUTHORIZED: (
        OperatorError,
        "GitHub refuses our credentials ({said}). Check GITHUB_TOKEN, or the key of the App.",
    ),
    HTTPStatus.FORBIDDEN: (
        OperatorError,
        "GitHub does not let us see {what} ({said}). Check the permissions of the App or token.",
    ),
    HTTPStatus.NOT_FOUND: (NotFoundError, "GitHub has no {what}, or hides it from us ({said})."),
    HTTPStatus.GONE: (NotFoundError, "GitHub has thrown away {what} ({said})."),
}
SECONDARY_WAIT: Final = timedelta(minutes=1)  # REST API, "Exceeding the rate limit"
LEAST_WAIT: Final = timedelta(seconds=1)
EPOCH_DIGITS: Final = 10  # enough until 2286, and no more than a datetime holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of GitHub's API; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def ok(self) -> bool:
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def message(self) -> str:
        """GitHub's own words; empty where the answer has none, as a proxy's page."""
        try:
            return one_line(msgspec.json.decode(self.text, type=answers.Problem).message)
        except msgspec.DecodeError:
            return ""


def failure(reply: Reply, *, what: str, now: datetime) -> SmokejumperError:
    """Return the error that a refused request is to us.

    Args:
        what: What was asked for, so that a reader knows: "run 812 of acme/app".
    """
    if wait := rate_limit(reply, now=now):
        return TransientError("GitHub asks us to slow down.", after=wait)
    kind, sentence = _meaning(reply.status)
    said = f"{reply.status} {reply.message}".strip()
    return kind(sentence.format(what=what, said=said))


def _meaning(status: int) -> tuple[type[SmokejumperError], str]:
    if status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TransientError, "GitHub is in trouble ({said}); {what} has to wait."
    return MEANINGS.get(
        status, (PermanentError, "GitHub did not understand our question for {what} ({said}).")
    )


def rate_limit(reply: Reply, *, now: datetime) -> timedelta | None:
    """Return how long GitHub wants us to be silent; None if no limit was hit."""
    if reply.status not in (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS):
        return None
    if (seconds := number_in(reply, "retry-after")) is not None:
        return max(timedelta(seconds=seconds), LEAST_WAIT)
    if reply.headers.get("x-ratelimit-remaining") == "0":
        reset = number_in(reply, "x-ratelimit-reset")
        wait = datetime.fromtimestamp(reset, UTC) - now if reset else SECONDARY_WAIT
        return max(wait, LEAST_WAIT)
    counted = reply.status == HTTPStatus.TOO_MANY_REQUESTS
    return SECONDARY_WAIT if counted or "rate limit" in reply.message.lower() else None


def number_in(reply: Reply, header: str) -> int | None:
    """Return the number in a header; None where there is none that can be read."""
    text = reply.headers.get(header, "")
    readable = text.isascii() and text.isdecimal() and len(text) <= EPOCH_DIGITS
    return int(text) if readable else None
