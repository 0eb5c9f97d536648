"""Who wakes the worker: rows say what is due, the waker only says when to look."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, Protocol

from bot.domain.work import DueKind, Queue

Handle = Callable[[DueKind, str], Awaitable[None]]

EVERY_QUEUE: Final = frozenset(Queue)


class Waker(Protocol):
    """May lose a wake, for a sweep finds every due row; must never run one key twice at once."""

    def wake(self, kind: DueKind, id: str, *, key: str, at: datetime | None = None) -> None:
        """Claim and run that row once, now or then; equal waiting wakes are merged.

        Neither waits nor fails: it is called where the row is committed already.
        """
        ...

    async def run(self, handle: Handle, queues: frozenset[Queue] = EVERY_QUEUE) -> None:
        """Call *handle* for each wake of these queues until cancelled.

        A first cancellation: take no more, let what runs finish. A second one reaches what runs.
        May run several times at once, for different queues.
        """
        ...
