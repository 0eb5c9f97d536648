"""What GitHub's refusals mean to us."""

import json
from datetime import timedelta

import pytest

from bot.adapters.github.failures import Reply, failure
from bot.adapters.github.paths import of_repository
from bot.adapters.github.reruns import refusal
from bot.domain.errors import (
    AlreadyRunningError,
    NotFoundError,
    OperatorError,
    PermanentError,
    RefusedError,
    TransientError,
)
from tests.payload_parts import NOON


def reply(status: int, message: str = "", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, headers=named, text=json.dumps({"message": message}))


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        pytest.param(reply(429, retry_after="30"), timedelta(seconds=30), id="told"),
        pytest.param(
            reply(
                403,
                "API rate limit exceeded",
                x_ratelimit_remaining="0",
                x_ratelimit_reset=f"{int(NOON.timestamp()) + 900}",
            ),
            timedelta(minutes=15),
            id="primary",
        ),
        pytest.param(
            reply(403, x_ratelimit_remaining="0", x_ratelimit_reset="1"),
            timedelta(seconds=1),
            id="reset-is-past",
        ),
        pytest.param(
            reply(403, "You have exceeded a secondary rate limit"),
            timedelta(minutes=1),
            id="secondary",
        ),
        pytest.param(reply(429, retry_after="soon"), timedelta(minutes=1), id="unreadable"),
        pytest.param(reply(429, retry_after="9" * 5_000), timedelta(minutes=1), id="absurd"),
    ],
)
def test_limits_say_how_long_to_wait(answer: Reply, wait: timedelta) -> None:
    error = failure(answer, what="run 812", now=NOON)
    assert isinstance(error, TransientError)
    assert error.after == wait


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, OperatorError),
        (403, OperatorError),
        (404, NotFoundError),
        (410, NotFoundError),
        (418, PermanentError),
        (408, TransientError),
        (500, TransientError),
        (502, TransientError),
        (599, TransientError),
    ],
)
def test_only_what_may_pass_is_tried_again(status: int, kind: type[Exception]) -> None:
    error = failure(reply(status, "Words of {GitHub}"), what="run 812", now=NOON)
    assert type(error) is kind
    assert "Words of {GitHub}" in str(error)


def test_a_page_of_a_proxy_is_no_message() -> None:
    error = failure(Reply(status=502, text="<html>"), what="run 812", now=NOON)
    assert str(error) == "GitHub is in trouble (502); run 812 has to wait."


@pytest.mark.parametrize(
    ("said", "kind", "told"),
    [
        ("This workflow is already running", AlreadyRunningError, "already running"),
        (
            "Unable to retry this workflow run because it was created over a month ago",
            RefusedError,
            "more than 30 days old",
        ),
        ("This workflow run cannot be retried", RefusedError, "none more than 50 times"),
        ("Resource not accessible by integration", RefusedError, "Actions: read and write"),
        ("Must have admin rights to Repository.", RefusedError, "give my account write access"),
        ("Repository was archived so is read-only.", RefusedError, "unarchive"),
        ("Because I say so", RefusedError, '"Because I say so"'),
        ("", RefusedError, "without saying why"),
    ],
)
def test_a_refused_rerun_is_told_in_plain_words(
    said: str, kind: type[Exception], told: str
) -> None:
    error = refusal(said)
    assert type(error) is kind
    assert told in str(error)


@pytest.mark.parametrize(
    ("name", "part", "path"),
    [
        ("acme/app", "fix #1?", "/repos/acme/app/git/ref/heads/fix%20%231%3F"),
        ("acme/app", "a/b", "/repos/acme/app/git/ref/heads/a/b"),
        ("acme/app", "100%20", "/repos/acme/app/git/ref/heads/100%2520"),
        ("acme/app", "ü", "/repos/acme/app/git/ref/heads/%C3%BC"),
    ],
)
def test_any_branch_has_a_path(name: str, part: str, path: str) -> None:
    assert of_repository(name, "git/ref/heads", part) == path


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("acme", "x"),
        ("acme/../user", "x"),
        ("../user", "x"),
        ("acme/app/x", "x"),
        ("acme/a pp", "x"),
        ("acme/app", "../../../user"),
        ("acme/app", "a//b"),
        ("acme/app", ""),
    ],
)
def test_no_name_leads_elsewhere(name: str, part: str) -> None:
    with pytest.raises(NotFoundError):
        of_repository(name, "git/ref/heads", part)
