"""The waker of a single process: a heap of times and a chain per key, in memory."""

import asyncio
from collections import deque
from contextlib import suppress
from datetime import datetime
from heapq import heappop, heappush

from bot.domain.work import DueKind
from bot.ports.clock import Clock
from bot.ports.waker import Handle, Waker

Wish = tuple[DueKind, str]


class EmbeddedWaker:
    def __init__(self, clock: Clock, *, parallel: int = 8) -> None:
        """Run at most *parallel* handlers at once, of different keys."""
        self._clock = clock
        self._parallel = parallel
        self._later: list[tuple[datetime, Wish, str]] = []
        self._waiting: set[Wish | tuple[datetime, Wish]] = set()
        self._chains: dict[str, deque[Wish]] = {}
        self._ready: deque[str] = deque()  # keys with a chain and nothing running
        self._running = 0
        self._stopping = False
        self._changed = asyncio.Event()

    def wake(self, kind: DueKind, id: str, *, key: str, at: datetime | None = None) -> None:
        wish = kind, id
        if at is None or at <= self._clock.now():
            self._chain(wish, key)
        elif (at, wish) not in self._waiting:
            self._waiting.add((at, wish))
            heappush(self._later, (at, wish, key))
        self._changed.set()

    def _chain(self, wish: Wish, key: str) -> None:
        if wish in self._waiting:
            return
        self._waiting.add(wish)
        if key not in self._chains:
            self._chains[key] = deque()
            self._ready.append(key)
        self._chains[key].append(wish)

    async def run(self, handle: Handle) -> None:
        self._stopping = False
        serving = asyncio.create_task(self._serve(handle))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            self._stopping = True
            self._changed.set()
            await serving  # a second cancellation reaches what still runs
            raise

    async def _serve(self, handle: Handle) -> None:
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                self._changed.clear()
                self._ripen()
                while self._ready and self._running < self._parallel:
                    self._running += 1
                    group.create_task(self._handle_next(self._ready.popleft(), handle))
                await self._change()

    def _ripen(self) -> None:
        while self._later and self._later[0][0] <= self._clock.now():
            at, wish, key = heappop(self._later)
            self._waiting.discard((at, wish))
            self._chain(wish, key)

    async def _handle_next(self, key: str, handle: Handle) -> None:
        wish = self._chains[key].popleft()
        self._waiting.discard(wish)
        try:
            await handle(*wish)
        finally:
            self._running -= 1
            if self._chains[key]:
                self._ready.append(key)
            else:
                del self._chains[key]
            self._changed.set()

    async def _change(self) -> None:
        """Return on a wake, when work ends, or when the first of what waits is ripe."""
        pause = None
        if self._later:
            pause = (self._later[0][0] - self._clock.now()).total_seconds()
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._changed.wait()


def _promise(waker: EmbeddedWaker) -> Waker:
    return waker
