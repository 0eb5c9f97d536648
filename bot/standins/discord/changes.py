"""Wait until something has happened, without asking again and again."""

import asyncio
from collections.abc import Callable
from datetime import timedelta


class Changes:
    """Wakes whoever waits whenever the world may have changed."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def notify(self) -> None:
        for waiting in self._waiting:
            waiting.set()

    async def until(self, happened: Callable[[], object], *, within: timedelta) -> None:
        """Return as soon as *happened* says so.

        Raises:
            TimeoutError: It did not.
        """
        changed = asyncio.Event()
        self._waiting.add(changed)
        try:
            async with asyncio.timeout(within.total_seconds()):
                while not happened():
                    await changed.wait()
                    changed.clear()
        finally:
            self._waiting.discard(changed)
