"""The waker of a single process: a heap of times and a chain per key, in memory."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.adapters.wakers.later import MOST_WAITING, Later, Wish
from bot.domain.work import DueKind, Queue
from bot.ports.clock import Clock
from bot.ports.waker import EVERY_QUEUE, Handle, Waker

# Handlers at once. The chats' own pace is slow, and most of that work waits for it.
PARALLEL: Final = {Queue.TRIAGE: 8, Queue.GITHUB: 8, Queue.CHAT: 16}
BACKLOG: Final = 32  # deliveries that wait; to read a log costs as much time as to judge a few

# While deliveries pour in, for each second that triage takes; else it would halve what the door
# takes in, and what comes of triage even more.
REST: Final = 2.0
LONGEST_REST: Final = 0.2  # seconds


@dataclass(slots=True)
class _Line:
    """What one queue has to do."""

    parallel: int
    running: int = 0
    waiting: set[Wish] = field(default_factory=set)
    ready: deque[str] = field(default_factory=deque)  # keys whose first wish is of this queue


class EmbeddedWaker:
    def __init__(
        self,
        clock: Clock,
        *,
        parallel: Mapping[Queue, int] = PARALLEL,
        busy: Callable[[], bool] = lambda: False,
        most: int = MOST_WAITING,
    ) -> None:
        """Prepare a waker.

        Args:
            clock: Tells when a later wish has come due.
            parallel: How many handlers of a queue run at once, of different keys.
            busy: Whether deliveries pour in; while they do, triage runs one at a time and rests
                in between, so that they are answered in time.
            most: Wishes that a queue keeps in memory; more are dropped and found by the sweep.
        """
        self._clock = clock
        self._busy = busy
        self._most = most
        self._lines = {queue: _Line(parallel[queue]) for queue in Queue}
        self._chains: dict[str, deque[Wish]] = {}
        self._later = Later(clock, most=most)
        self._changed: set[asyncio.Event] = set()

    def wake(self, kind: DueKind, id: str, *, key: str, at: datetime | None = None) -> None:
        wish = kind, id
        if at is None or at <= self._clock.now():
            self._chain(wish, key)
        else:
            self._later.put(wish, key, at)
        self._stir()

    def _stir(self) -> None:
        for changed in self._changed:
            changed.set()

    def _chain(self, wish: Wish, key: str) -> None:
        waiting = self._line(wish).waiting
        if wish in waiting or len(waiting) >= self._most:
            return
        waiting.add(wish)
        if key not in self._chains:
            self._chains[key] = deque()
            ready = self._line(wish).ready
            join = ready.appendleft if wish[0].goes_first else ready.append
            join(key)
        self._chains[key].append(wish)

    def _line(self, wish: Wish) -> _Line:
        return self._lines[wish[0].queue]

    async def run(self, handle: Handle, queues: frozenset[Queue] = EVERY_QUEUE) -> None:
        stopping, changed = asyncio.Event(), asyncio.Event()
        self._changed.add(changed)
        serving = asyncio.create_task(self._serve(handle, queues, stopping, changed))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            stopping.set()
            changed.set()
            await serving  # a second cancellation reaches what still runs
            raise
        finally:
            self._changed.discard(changed)

    async def _serve(
        self,
        handle: Handle,
        queues: frozenset[Queue],
        stopping: asyncio.Event,
        changed: asyncio.Event,
    ) -> None:
        async with asyncio.TaskGroup() as group:
            while not stopping.is_set():
                changed.clear()
                for wish, key in self._later.ripe():
                    self._chain(wish, key)
                for queue in sorted(queues):
                    line = self._lines[queue]
                    while line.ready and line.running < self._allowed(queue):
                        line.running += 1
                        group.create_task(self._handle_next(line, line.ready.popleft(), handle))
                # Returns on a wake, when work ends, or when the first of what waits is ripe.
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._later.pause()):
                        await changed.wait()

    def _allowed(self, queue: Queue) -> int:
        match queue:
            case Queue.TRIAGE:
                one_at_a_time = self._busy()
            case Queue.GITHUB:  # in a storm, cards come first and logs later
                one_at_a_time = len(self._lines[Queue.TRIAGE].waiting) > BACKLOG
            case _:
                one_at_a_time = False
        return 1 if one_at_a_time else self._lines[queue].parallel

    async def _handle_next(self, line: _Line, key: str, handle: Handle) -> None:
        chain = self._chains[key]
        wish = chain.popleft()
        line.waiting.discard(wish)
        try:
            began = asyncio.get_running_loop().time()
            await handle(*wish)
            if line is self._lines[Queue.TRIAGE] and self._busy():
                took = asyncio.get_running_loop().time() - began
                await asyncio.sleep(min(REST * took, LONGEST_REST))
        finally:
            line.running -= 1
            if chain:
                self._line(chain[0]).ready.append(key)
            else:
                del self._chains[key]
            self._stir()


def _promise(waker: EmbeddedWaker) -> Waker:
    return waker
