"""Who wakes the worker: rows say what is due, the waker only says when to look."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from bot.domain.work import DueKind

Handle = Callable[[DueKind, str], Awaitable[None]]


class Waker(Protocol):
    """May lose a wake, for a sweep finds every due row; must never run one key twice at once."""

    def wake(self, kind: DueKind, id: str, *, key: str, at: datetime | None = None) -> None:
        """Claim and run that row once, now or then; equal waiting wakes are merged."""
        ...

    async def run(self, handle: Handle) -> None:
        """Call *handle* for each wake until cancelled; then take no more, let what runs finish."""
        ...
