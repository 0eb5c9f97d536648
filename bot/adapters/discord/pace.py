"""Discord takes five messages in five seconds and channel; its library would wait in our place.

Counted in this process alone, since one process at a time speaks to Discord.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot.domain.errors import BusyError
from bot.domain.pace import Line, Rate

SHORT: Final = timedelta(seconds=1.2)  # longer waits are the worker's, which can do other things
MANY: Final = 200  # lines, until those in which nobody stands are cleared away
# Below Discord's numbers, which it tells only with an answer.
POSTS: Final = Rate(most=4, per=timedelta(seconds=5), assumed=3)
EDITS: Final = Rate(most=4, per=timedelta(seconds=5), assumed=3, reserve=1)
REQUESTS: Final = Rate(most=45, per=timedelta(seconds=1))  # 50 for the whole bot
FREE: Final = Rate(most=10**9, per=timedelta(seconds=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    posts: Rate = POSTS
    edits: Rate = EDITS
    requests: Rate = REQUESTS


UNHURRIED: Final = Rates(posts=FREE, edits=FREE, requests=FREE)
"""For where nobody counts."""


@dataclass(slots=True)
class Pace:
    rates: Rates = field(default_factory=Rates)
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _began: float = 0
    _lines: dict[str, Line] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._began = self.now()

    async def post(self, channel: str, key: str) -> None:
        """Take a turn to post in a channel or thread.

        Raises:
            BusyError: It is too far away; the place is kept for *key*.
        """
        await self._turn(self._line(f"posts {channel}", self.rates.posts), key, urgent=True)

    async def edit(self, channel: str, message: str, *, urgent: bool) -> None:
        """Take a turn to edit a message.

        Raises:
            BusyError: It is too far away; what is drawn then shows what changes until then.
        """
        await self._turn(self._line(f"edits {channel}", self.rates.edits), message, urgent=urgent)

    async def request(self) -> None:
        """Take a turn to ask anything; a second at most is waited for it."""
        await self._turn(self._line("requests", self.rates.requests), "", urgent=True)

    async def _turn(self, line: Line, key: str, *, urgent: bool) -> None:
        wait = line.wait(key, self.now(), urgent=urgent)
        if 0 < wait <= SHORT.total_seconds():
            await self.sleep(wait)
            wait = line.wait(key, self.now(), urgent=urgent)
        if wait > 0:
            msg = f"Discord takes no more for {wait:.0f} s."
            raise BusyError(msg, after=timedelta(seconds=wait))
        line.take(key, self.now())
        if len(self._lines) > MANY:
            self._forget_idle()

    def _line(self, name: str, rate: Rate) -> Line:
        return self._lines.setdefault(name, Line(rate, self._began))

    def _forget_idle(self) -> None:
        now = self.now()
        for name in [name for name, line in self._lines.items() if line.is_idle(now)]:
            del self._lines[name]
