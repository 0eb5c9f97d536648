"""What Discord refuses, as ours: can trying again help, and what must the operator do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import Final

import discord

from bot.domain.errors import (
    NotFoundError,
    OperatorError,
    PermanentError,
    SmokejumperError,
    TransientError,
)


class Code(IntEnum):
    """Discord's error codes that mean something to us."""

    UNKNOWN_CHANNEL = 10003
    UNKNOWN_MEMBER = 10007
    UNKNOWN_MESSAGE = 10008
    UNKNOWN_USER = 10013
    UNKNOWN_WEBHOOK = 10015
    UNKNOWN_INTERACTION = 10062
    TOO_LARGE = 40005
    MISSING_ACCESS = 50001
    MISSING_PERMISSIONS = 50013
    BAD_WEBHOOK_TOKEN = 50027
    THREAD_ARCHIVED = 50083
    THREAD_EXISTS = 160004
    THREAD_LOCKED = 160005


UNAUTHORIZED: Final = 401
TOO_MANY: Final = 429
SERVER_ERROR: Final = 500
LIMITED_WAIT: Final = timedelta(minutes=1)  # where Discord does not say how long

LOGIN_REFUSED: Final = (
    "Discord refuses the bot's token. Copy it again from the developer portal, page Bot, "
    "into DISCORD_BOT_TOKEN."
)


TOO_OLD: Final = "That press is too old to be answered: Discord takes answers for 15 minutes."
WORDS: Final[Mapping[int, str]] = {
    Code.UNKNOWN_CHANNEL: (
        "Discord knows no {where}. Correct its id in the settings, or, if it is right, "
        "invite the bot to that server."
    ),
    Code.MISSING_ACCESS: (
        'I can\'t see {where}. Give the bot the permission "View Channel" there, '
        "so that I can {what}."
    ),
    Code.MISSING_PERMISSIONS: (
        'I may not {what}. Give the bot the permission "{needs}" in {where}.'
    ),
    Code.THREAD_LOCKED: "I may not {what}: the thread is locked. Unlock it in {where}.",
    Code.UNKNOWN_WEBHOOK: TOO_OLD,
    Code.UNKNOWN_INTERACTION: TOO_OLD,
    Code.BAD_WEBHOOK_TOKEN: TOO_OLD,
    Code.TOO_LARGE: "I could not {what}: the file is larger than Discord takes.",
}


OPERATORS: Final = frozenset(
    {Code.UNKNOWN_CHANNEL, Code.MISSING_ACCESS, Code.MISSING_PERMISSIONS, Code.THREAD_LOCKED}
)


class DiscordRefusedError(PermanentError):
    """Discord said no, with a code that may mean something to the one who asked."""

    def __init__(self, message: str, *, code: int) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What was tried, in words that follow "I could not" and "so that I can"."""

    what: str
    place: str = ""
    """The channel's id; empty where the attempt has none."""
    needs: str = "View Channel"
    """The permission it takes, by its name in Discord's settings."""
    gone: frozenset[Code] = frozenset({Code.UNKNOWN_MESSAGE})
    """The codes that say that what was asked for is not there."""


def explained(error: discord.HTTPException, attempt: Attempt) -> SmokejumperError:
    """Return our error for Discord's."""
    if error.code in attempt.gone:
        return NotFoundError(f"I could not {attempt.what}: it is gone.")
    words = _operators_words(error, attempt)
    refused_login = error.status == UNAUTHORIZED and error.code not in WORDS
    if refused_login or error.code in OPERATORS:
        return OperatorError(words)
    if words:
        return DiscordRefusedError(words, code=error.code)
    if error.status == TOO_MANY or error.status >= SERVER_ERROR:
        after = LIMITED_WAIT if error.status == TOO_MANY else None
        return TransientError(
            f"Discord answered {error.status}: could not {attempt.what}", after=after
        )
    said = error.text or f"status {error.status}"
    words = f"Discord refuses to {attempt.what}: {said} (code {error.code})."
    return DiscordRefusedError(words, code=error.code)


def _operators_words(error: discord.HTTPException, attempt: Attempt) -> str:
    if error.code in WORDS:
        where = f"channel {attempt.place}" if attempt.place else "that channel"
        return WORDS[error.code].format(what=attempt.what, needs=attempt.needs, where=where)
    return LOGIN_REFUSED if error.status == UNAUTHORIZED else ""
