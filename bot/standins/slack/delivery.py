"""What Slack sends to the app, whichever way it travels."""

from enum import StrEnum
from typing import Protocol

from bot.standins.slack.model import Json


class Kind(StrEnum):
    EVENT = "events_api"
    INTERACTIVE = "interactive"
    COMMAND = "slash_commands"


class Carrier(Protocol):
    """Socket Mode or HTTP."""

    async def send(self, kind: Kind, payload: Json, *, retry: int = 0, reason: str = "") -> Json:
        """Bring *payload* to the app and return what it answered.

        Raises:
            UndeliveredError: Nobody took it, or not in time.
        """
