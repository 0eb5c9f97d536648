"""The budget that all processes share, for threads that can't await."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from bot.adapters.github.budget import WINDOW, WINDOW_POINTS
from bot.domain.errors import TransientError
from bot.ports.running import Budget, BudgetRows
from bot.ports.store import Store

DATABASE_WITHIN: Final = timedelta(seconds=10)


class SharedBudget:
    """Rows, so that neither a second process nor a restart gets more than GitHub allows."""

    def __init__(self, store: Store[BudgetRows], *, now: Callable[[], datetime]) -> None:
        """Keep the running loop, in which the store is at home."""
        self._store = store
        self._now = now
        self._loop = asyncio.get_running_loop()

    def exchange(self, payer: str, *, points: int, told: Budget | None) -> tuple[timedelta, Budget]:
        asked = self._exchange(f"github {payer}", points, told)
        answer = asyncio.run_coroutine_threadsafe(asked, self._loop)
        try:
            return answer.result(DATABASE_WITHIN.total_seconds())
        except TimeoutError as error:
            answer.cancel()
            msg = "The database did not say in time what GitHub may be asked."
            raise TransientError(msg) from error

    async def _exchange(
        self, name: str, points: int, told: Budget | None
    ) -> tuple[timedelta, Budget]:
        if not points and told is None:
            async with self._store.read() as tx:
                return timedelta(0), await tx.budget(name)
        async with self._store.begin() as tx:
            wait = timedelta(0)
            if points:
                wait = await tx.take_points(
                    name, points=points, most=WINDOW_POINTS, window=WINDOW, now=self._now()
                )
            if told is not None:
                await tx.save_budget(name, told)
            return wait, await tx.budget(name)
