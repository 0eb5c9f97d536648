"""Slack's refusals, as words for the operator and as what trying again can do."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError, SlackRequestError

from bot.domain.errors import (
    NotFoundError,
    OperatorError,
    PermanentError,
    SmokejumperError,
    TransientError,
)

RATE_LIMITED: Final = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
PASSING: Final = RATE_LIMITED | {
    "accesslimited",
    "fatal_error",
    "internal_error",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
}
GONE: Final = frozenset({"message_not_found", "thread_not_found", "cant_update_message"})
WHY: Final = {
    "account_inactive": "the app was removed from the workspace. Install it again.",
    "cant_update_message": "the message is not the bot's.",
    "channel_not_found": (
        "there is no such channel, or it is private and the bot is not in it. "
        "Check the id, or invite it with /invite @smokejumper."
    ),
    "ekm_access_denied": "an administrator has suspended posting.",
    "invalid_auth": "the token is not valid. Check SLACK_BOT_TOKEN and SLACK_APP_TOKEN.",
    "is_archived": "the channel is archived. Unarchive it, or name another in settings.toml.",
    "message_not_found": "the message is gone.",
    "not_allowed_token_type": (
        "the token is of the wrong kind. SLACK_BOT_TOKEN starts with xoxb-, "
        "SLACK_APP_TOKEN with xapp-."
    ),
    "not_authed": "no token was given. Set SLACK_BOT_TOKEN.",
    "not_in_channel": "the bot is not in the channel. Invite it with /invite @smokejumper.",
    "restricted_action": "the channel's settings do not let the bot post there.",
    "thread_not_found": "the thread is gone.",
    "token_expired": "the token has expired. Install the app again.",
    "token_revoked": "the token was revoked. Install the app again.",
}


def code_of(error: SlackApiError) -> str:
    """Return Slack's word for what is wrong; empty where it gave none, as a broken proxy does."""
    data = getattr(error.response, "data", None)
    return str(data.get("error", "")) if isinstance(data, Mapping) else ""


def explained(error: SlackApiError, act: str) -> SmokejumperError:
    """Say what *error* means for *act*, such as "post in C012"."""
    code = code_of(error)
    if not code or code in PASSING:
        answer = code or "no answer that can be read"
        return TransientError(f"Slack did not {act}: {answer}.", after=_retry_after(error))
    return _kind(code)(f"Slack refused to {act}: {_why(code, error)}")


def _kind(code: str) -> type[SmokejumperError]:
    if code in GONE:
        return NotFoundError
    return OperatorError if code in WHY or code == "missing_scope" else PermanentError


@contextmanager
def telling(act: str) -> Iterator[None]:
    """Translate what slack_sdk and aiohttp raise while we try to *act*."""
    try:
        yield
    except SlackApiError as error:
        raise explained(error, act) from error
    except (ClientError, SlackRequestError, TimeoutError) as error:
        msg = f"Slack could not be reached to {act} ({type(error).__name__})."
        raise TransientError(msg) from error


def _why(code: str, error: SlackApiError) -> str:
    if code == "missing_scope":
        needed = error.response.get("needed", "?")
        return f"the app lacks the scope {needed}. Add it and install the app again."
    problems = error.response.get("response_metadata", {}).get("messages", ())
    return WHY.get(code) or ". ".join([code, *map(str, problems)]) + "."


def _retry_after(error: SlackApiError) -> timedelta | None:
    headers = getattr(error.response, "headers", None) or {}
    seconds = str(headers.get("Retry-After", ""))
    return timedelta(seconds=int(seconds)) if seconds.isdecimal() else None
