"""Slack takes about one message a second and channel, and 50 edits a minute from us all.

Counted in this process alone, since one process at a time speaks to Slack.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot.domain.errors import BusyError, TransientError
from bot.domain.pace import Line, Rate

MINUTE: Final = timedelta(minutes=1)
SHORT: Final = timedelta(seconds=1.2)  # longer waits are the worker's, which can do other things
MANY: Final = 200  # lines, until those in which nobody stands are cleared away
# Slack counts when a call arrives, and one may be slower on its way than the next: so this
# second begins with the answer.
CHANNEL_POSTS: Final = Rate(most=1, per=timedelta(seconds=1.05), assumed=1, lasts=True)
# Below Slack's numbers, for the same reason.
# "Several hundred a minute" from a workspace. What the busy channels have to leave is for
# one that was quiet.
POSTS: Final = Rate(most=300, per=MINUTE, reserve=60, assumed=150)
EDITS: Final = Rate(most=45, per=MINUTE, reserve=15, assumed=25)  # tier 3: 50
READS: Final = Rate(most=45, per=MINUTE, assumed=25)  # tier 3 too, each method by itself
FREE: Final = Rate(most=10**9, per=MINUTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    channel_posts: Rate = CHANNEL_POSTS
    posts: Rate = POSTS
    edits: Rate = EDITS
    reads: Rate = READS


UNHURRIED: Final = Rates(channel_posts=FREE, posts=FREE, edits=FREE, reads=FREE)
"""For where nobody counts."""


@dataclass(slots=True)
class Pace:
    rates: Rates = field(default_factory=Rates)
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _began: float = 0
    _lines: dict[str, Line] = field(default_factory=dict)
    _closed: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._began = self.now()

    @asynccontextmanager
    async def post(self, channel: str, key: str, *, urgent: bool) -> AsyncIterator[None]:
        """Take a turn to post in *channel*, its threads included, which lasts until the answer.

        Args:
            urgent: It goes before what is not, which is told in threads, in the channel and in
                the whole workspace.

        Raises:
            BusyError: It is too far away; the place is kept for *key*.
        """
        here = self._line(f"posts {channel}", self.rates.channel_posts)
        all_of_us = self._line("posts", self.rates.posts)
        quiet = here.is_idle(self.now())
        await self._turn(key, [(here, urgent), (all_of_us, urgent or quiet)])
        try:
            yield
        finally:
            here.end(self.now())

    async def edit(self, key: str, *, urgent: bool) -> None:
        """Take a turn to edit a message.

        Raises:
            BusyError: It is too far away; what is drawn then shows what changes until then.
        """
        await self._turn(key, [(self._line("edits", self.rates.edits), urgent)])

    async def read(self, method: str, key: str) -> None:
        """Take a turn to read messages.

        Raises:
            BusyError: It is too far away.
        """
        await self._turn(key, [(self._line(f"reads {method}", self.rates.reads), True)])

    @contextmanager
    def heeding(self, key: str) -> Iterator[None]:
        """Keep calls under *key* back for as long as Slack asked for when it refused one.

        Raises:
            BusyError: That time is not over.
        """
        wait = self._closed.pop(key, 0) - self.now()
        if wait > 0:
            self._closed[key] = self.now() + wait
            raise _busy(wait)
        try:
            yield
        except TransientError as error:
            if error.after:
                self._closed[key] = self.now() + error.after.total_seconds()
            raise

    async def _turn(self, key: str, lines: list[tuple[Line, bool]]) -> None:
        wait = self._wait(key, lines)
        if 0 < wait <= SHORT.total_seconds():
            await self.sleep(wait)
            wait = self._wait(key, lines)
        now = self.now()
        for line, urgent in lines:
            if wait > 0:
                line.keep(key, now + wait, urgent=urgent)
            else:
                line.take(key, now)
        if len(self._lines) > MANY:
            self._forget_idle()
        if wait > 0:
            raise _busy(wait)

    def _wait(self, key: str, lines: list[tuple[Line, bool]]) -> float:
        now = self.now()
        return max(line.wait(key, now, urgent=urgent) for line, urgent in lines)

    def _line(self, name: str, rate: Rate) -> Line:
        return self._lines.setdefault(name, Line(rate, self._began))

    def _forget_idle(self) -> None:
        now = self.now()
        for name in [name for name, line in self._lines.items() if line.is_idle(now)]:
            del self._lines[name]


def _busy(wait: float) -> BusyError:
    return BusyError(f"Slack takes no more for {wait:.0f} s.", after=timedelta(seconds=wait))
