"""Sending to the app: interactions once, events again until they are taken."""

import asyncio

from bot.standins.slack.delivery import Carrier, Kind
from bot.standins.slack.errors import UndeliveredError
from bot.standins.slack.ledger import Exchange, Ledger
from bot.standins.slack.limits import Limits
from bot.standins.slack.model import Json


class Dispatch:
    """The way to the app; *carrier* may change while it runs."""

    def __init__(self, carrier: Carrier, ledger: Ledger, limits: Limits) -> None:
        self.carrier = carrier
        self.lost: list[Json] = []
        """Events that were given up."""
        self._ledger = ledger
        self._limits = limits
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, kind: Kind, payload: Json) -> Json:
        """Send something that a person waits for; it is never sent again."""
        answer = await self.carrier.send(kind, payload)
        self._ledger.note(Exchange(name=f"ack:{kind}", request=answer, status=200, answer={}))
        return answer

    def emit(self, payload: Json) -> None:
        """Send an event in the background."""
        task = asyncio.create_task(self._deliver(payload))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _deliver(self, payload: Json) -> None:
        reason = ""
        for attempt in range(len(self._limits.event_retries) + 1):
            if attempt:
                await asyncio.sleep(self._limits.event_retries[attempt - 1].total_seconds())
            try:
                await self.carrier.send(Kind.EVENT, payload, retry=attempt, reason=reason)
            except UndeliveredError as error:
                timed_out = error.code == "operation_timeout"
                reason = "timeout" if timed_out else "connection_failed"
            else:
                return
        self.lost.append(payload)
