"""Slack takes about one message a second and channel, and says when it has had enough."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from bot.domain.errors import TransientError

# One second and a little, since the first call may be slower on its way than the second.
GAP: Final = timedelta(seconds=1.1)
PATIENCE: Final = timedelta(seconds=5)  # longer waits are the worker's, which can do other things


class Pace:
    """When a channel may get its next message; counted in this process alone."""

    def __init__(
        self,
        *,
        gap: timedelta = GAP,
        patience: timedelta = PATIENCE,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gap = gap.total_seconds()
        self._patience = patience.total_seconds()
        self._now = now
        self._sleep = sleep
        self._next: dict[str, float] = {}
        self._closed: dict[str, float] = {}

    async def turn(self, channel: str) -> None:
        """Wait until it is our turn to post in *channel*.

        Raises:
            TransientError: The queue is too long to stand in.
        """
        now = self._now()
        self._next = {key: at for key, at in self._next.items() if at > now}
        wait = self._next.get(channel, now) - now
        if wait > self._patience:
            raise _busy(wait)
        self._next[channel] = now + wait + self._gap
        if wait > 0:
            await self._sleep(wait)

    @contextmanager
    def heeding(self, key: str) -> Iterator[None]:
        """Keep calls under *key* back for as long as Slack asked for when it refused one.

        Raises:
            TransientError: That time is not over.
        """
        wait = self._closed.pop(key, 0) - self._now()
        if wait > 0:
            self._closed[key] = self._now() + wait
            raise _busy(wait)
        try:
            yield
        except TransientError as error:
            if error.after:
                self._closed[key] = self._now() + error.after.total_seconds()
            raise


def _busy(wait: float) -> TransientError:
    after = timedelta(seconds=wait)
    return TransientError(f"Slack takes no more for {wait:.0f} s.", after=after)
