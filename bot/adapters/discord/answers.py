"""Answers to one person, by the token of what they sent: over HTTP, also after a restart."""

import re
from datetime import datetime, timedelta
from typing import Any, Final

from discord.http import Route

from bot.adapters.discord import render
from bot.adapters.discord.presses import answer_ids
from bot.adapters.discord.refusals import Attempt, Code, DiscordRefusedError
from bot.adapters.discord.rest import Rest
from bot.domain.errors import TransientError
from bot.domain.press import Press
from bot.messages.views import Answer, File

Json = dict[str, Any]

ATTEMPT: Final = Attempt(what="answer a press", gone=frozenset())
ORIGINAL: Final = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
FRESH: Final = timedelta(seconds=10)  # an acknowledgement is due after three
TO_ONE: Final = 1 << 6  # the flag of a message that one person alone sees
NAME_CHARS: Final = 100


async def send(rest: Rest, press: Press, answer: Answer, *, at: datetime) -> None:
    """Answer in the message that "is thinking", or beside the card where nothing was shown.

    Raises:
        PermanentError: The press is older than 15 minutes, or was never acknowledged.
        TransientError: It is so fresh that another process may be acknowledging it.
    """
    body = render.answer(answer)
    files = [_safely_named(answer.file)] if answer.file else []
    ids = answer_ids(press.token)
    try:
        shown: Json = await rest.request(Route("GET", ORIGINAL, **ids), ATTEMPT)
    except DiscordRefusedError as refused:
        if refused.code != Code.UNKNOWN_WEBHOOK or at - press.received_at > FRESH:
            raise
        msg = "The press is not acknowledged yet"
        raise TransientError(msg, after=timedelta(seconds=1)) from refused
    if shown.get("flags", 0) & TO_ONE:
        await rest.request(Route("PATCH", ORIGINAL, **ids), ATTEMPT, body=body, files=files)
        return
    # A quiet press changed nothing: its original is the card itself, which all can see.
    followup = Route("POST", "/webhooks/{webhook_id}/{webhook_token}", **ids)
    await rest.request(followup, ATTEMPT, body=body | {"flags": TO_ONE}, files=files)


def _safely_named(file: File) -> File:
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", file.name)[-NAME_CHARS:]
    return File(name=name or "file", body=file.body)
