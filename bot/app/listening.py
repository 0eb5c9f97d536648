"""Hears a chat for ever; whatever breaks, the rest of the bot goes on."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from bot.app.counting import Connected
from bot.domain.errors import OperatorError, PermanentError
from bot.ports.chat import Receive
from bot.ports.finding import Finding

log = structlog.get_logger()

OPERATOR_ACTS: Final = timedelta(minutes=1)  # how soon we try what only they can mend
LISTEN_AGAIN: Final = timedelta(seconds=5)


class Listening:
    """One chat, and why it is not heard."""

    def __init__(
        self,
        name: str,
        chat: Connected,
        receive: Receive,
        *,
        operator_acts: timedelta = OPERATOR_ACTS,
        again: timedelta = LISTEN_AGAIN,
    ) -> None:
        self._name = name
        self._chat = chat
        self._receive = receive
        self._operator_acts = operator_acts.total_seconds()
        self._again = again.total_seconds()
        self._why = ""

    async def run(self) -> None:
        """Hear until cancelled; one that refuses us is said once, and tried again."""
        while True:
            try:
                await self._chat.listen(self._receive)
            except (PermanentError, OperatorError) as error:
                self._tell_operator(str(error))
                await asyncio.sleep(self._operator_acts)
            except Exception:
                log.exception("chat_broke", chat=self._name)
            await asyncio.sleep(self._again)

    def _tell_operator(self, why: str) -> None:
        if why != self._why:
            log.error("operator_needed", chat=self._name, why=why)
        self._why = why

    def finding(self, *, expected: bool) -> Finding:
        """Say whether presses are heard.

        Args:
            expected: This process is the one to hear them now.
        """
        chat = self._name.capitalize()
        if self._chat.connected:
            self._why = ""
            return Finding(ok=True, text=f"{chat} is connected.")
        if not expected:
            return Finding(ok=True, text=f"{chat} is heard by the process that leads.")
        why = self._why or f"{chat} is not connected, so presses are not heard."
        return Finding(ok=False, text=why)
