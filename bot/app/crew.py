"""Tasks that must not end while the bot lives."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any


class Crew:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def on_duty(
        self, works: Mapping[str, Coroutine[Any, Any, None]], *, within: timedelta
    ) -> AsyncIterator[None]:
        """Do *works* for as long as the block lasts; then ask them to end, and wait a while.

        Args:
            works: What to do, by name.
            within: How long they may take to end; what then still runs is left to the
                interpreter's end.
        """
        tasks = {asyncio.create_task(work, name=name) for name, work in works.items()}
        self._tasks |= tasks
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks, timeout=within.total_seconds())

    @property
    def broken(self) -> str:
        """Name one that ended; empty while all are at work."""
        return next((task.get_name() for task in self._tasks if task.done()), "")

    async def ended(self) -> None:
        """Wait until one of them ends, which is a mistake of ours, and raise why."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            await task
        msg = f"{self.broken} ended by itself"
        raise RuntimeError(msg)
