"""Waiting until something has changed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

GLANCE_SECONDS: Final = 0.02  # a condition may lie in the app, which does not tell us


class Changes:
    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def fire(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, condition: Callable[[], object], *, within: timedelta) -> None:
        """Return as soon as *condition* holds; it is asked again after each change.

        Raises:
            TimeoutError: It did not hold *within* that time.
        """
        async with asyncio.timeout(within.total_seconds()):
            while not condition():
                with suppress(TimeoutError):
                    async with asyncio.timeout(GLANCE_SECONDS):
                        await self._changed.wait()
