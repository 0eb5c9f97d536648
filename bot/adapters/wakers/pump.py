"""Takes wishes without waiting, and sends them on in batches; what can't be sent is dropped."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

import psycopg
import structlog

from bot.adapters.wakers.later import MOST_WAITING, Later, Wish
from bot.ports.clock import Clock

log = structlog.get_logger()

BATCH: Final = 500
OFFER_AGAIN: Final = timedelta(milliseconds=500)
TRY_AGAIN: Final = (timedelta(milliseconds=50), timedelta(seconds=1))

# What the database's absence looks like from here.
AWAY: Final = (psycopg.Error, OSError)

Wishes = Sequence[tuple[Wish, str]]
Send = Callable[[Wishes], Awaitable[Wishes]]


class Pump:
    def __init__(self, send: Send, clock: Clock, *, most: int = MOST_WAITING) -> None:
        """Prepare a pump.

        Args:
            send: Sends wishes with their keys on, and returns those to be offered again later.
            clock: Tells when a later wish has come due.
            most: Wishes that wait here; more are dropped, and found by the sweep.
        """
        self._send = send
        self._clock = clock
        self._most = most
        self._waiting: dict[Wish, str] = {}  # in the order they came
        self._later = Later(clock, most=most)
        self._changed = asyncio.Event()
        self._closing = False

    def put(self, wish: Wish, key: str, at: datetime | None) -> None:
        if at is not None and at > self._clock.now():
            self._later.put(wish, key, at)
        else:
            self._put(wish, key)
        self._changed.set()

    def _put(self, wish: Wish, key: str) -> None:
        if len(self._waiting) < self._most:
            self._waiting.setdefault(wish, key)

    def close(self) -> None:
        """Send what waits, then end."""
        self._closing = True
        self._changed.set()

    async def run(self) -> None:
        while True:
            self._changed.clear()
            for wish, key in self._later.ripe():
                self._put(wish, key)
            if self._waiting:
                await self._send_some()
            elif self._closing:
                return
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._later.pause()):
                        await self._changed.wait()

    async def _send_some(self) -> None:
        batch = list(islice(self._waiting.items(), BATCH))
        for wish, _ in batch:
            del self._waiting[wish]
        for pause in TRY_AGAIN:
            try:
                refused = await self._send(batch)
            except AWAY as error:
                log.debug("wakes_not_sent", number=len(batch), why=str(error))
                await asyncio.sleep(0 if self._closing else pause.total_seconds())
            else:
                for wish, key in refused:
                    self._later.put(wish, key, self._clock.now() + OFFER_AGAIN)
                return
        # Their rows are safe, and the sweep finds them; a queue of old wishes would not help.
        log.debug("wakes_lost", number=len(batch))
