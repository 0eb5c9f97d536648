"""This process among the others: it says that it lives, buries the dead, and leads if it may."""

import asyncio
import os
import platform
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Protocol

import structlog

from bot import __version__
from bot.app.tenure import Tenure, since_boot
from bot.config.values import Role
from bot.domain.errors import TransientError
from bot.domain.press import Press
from bot.messages.views import Choices
from bot.ports.chat import Acknowledgement, Receive
from bot.ports.clock import Clock
from bot.ports.finding import Finding
from bot.ports.running import LeaseRows, Process, ProcessRows
from bot.ports.store import Store

log = structlog.get_logger()

BEAT_EVERY: Final = timedelta(seconds=3)
LOOK_EVERY: Final = timedelta(seconds=1)  # for a lease that another has, to take over at once
BEAT_WITHIN: Final = timedelta(seconds=8)  # a database that is slower is as good as away
BURIED_AFTER: Final = timedelta(seconds=12)
HOLDS_FOR: Final = timedelta(seconds=10)  # we stop before others may take over
STUCK_AFTER: Final = timedelta(minutes=1)
CHATS: Final = "chat"  # name of the lease of who leads

_nobodys_yet: ContextVar[bool] = ContextVar("nobodys_yet", default=False)

Look = Callable[[], Awaitable[Mapping[str, Finding]]]


class BeatTx(ProcessRows, LeaseRows, Protocol):
    """Rows of who runs."""


def new_process(roles: Sequence[Role], clock: Clock) -> Process:
    now = clock.now()
    return Process(
        id=uuid.uuid4().hex,
        roles=tuple(roles),
        version=__version__,
        host=platform.node(),
        pid=os.getpid(),
        started_at=now,
        seen_at=now,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How often we beat, and how long silence may last; all processes agree on them."""

    beat_every: timedelta = BEAT_EVERY
    look_every: timedelta = LOOK_EVERY
    holds_for: timedelta = HOLDS_FOR
    buried_after: timedelta = BURIED_AFTER


class Presence:
    """Beats, and knows by that what this process may do.

    Args:
        alone: Nobody else can work on this database, so nothing has to be renewed.
    """

    def __init__(
        self, store: Store[BeatTx], process: Process, *, alone: bool, times: Times | None = None
    ) -> None:
        self._store = store
        self._process = process
        self._alone = alone
        self._times = times or Times()
        lasts = timedelta.max if alone else self._times.holds_for
        self.alive = Tenure(lasts=lasts)
        self.leading = Tenure(lasts=lasts)
        self.trouble = ""
        """Why the last beat failed; empty where it did not."""
        self._led = False
        self._steady_since: float | None = None
        self._turned = since_boot()
        self._beating: asyncio.Task[None] | None = None

    @property
    def stuck(self) -> bool:
        """Whether the beat hangs, so that nothing but a new start can help."""
        return since_boot() - self._turned > STUCK_AFTER.total_seconds()

    def guard(self) -> None:
        """Keep the late writes of a process that was taken for dead from its successor's.

        Raises:
            TransientError: We were silent for so long that others may do our work by now.
        """
        ours = asyncio.current_task() is self._beating or _nobodys_yet.get()
        if not self.alive.held and not ours:
            msg = "this process was silent for too long, so others may have taken over its work"
            raise TransientError(msg)

    @staticmethod
    def unhindered(receive: Receive) -> Receive:
        """Let presses be noted down however long we were silent: that is nobody's work yet."""

        async def note_down(press: Press) -> Acknowledgement | Choices:
            token = _nobodys_yet.set(True)
            try:
                return await receive(press)
            finally:
                _nobodys_yet.reset(token)

        return note_down

    async def beat_forever(self, look: Look, *, found_dead: Callable[[], None]) -> None:
        """Beat until cancelled.

        Args:
            look: Says how what we depend on does; it is shown to those who ask for our standing.
            found_dead: Called when the work of a dead process became free.
        """
        while True:
            if await self.beat(look):
                found_dead()
            await asyncio.sleep(self._pause.total_seconds())

    async def beat(self, look: Look) -> Sequence[str]:
        """Say once that we live; return whom we buried.

        A database that is away only makes us wait.
        """
        began = self._turned = since_boot()
        self._beating = asyncio.current_task()
        try:
            async with asyncio.timeout(BEAT_WITHIN.total_seconds()):
                dead = await self._beat(began, look)
        except (TransientError, TimeoutError) as error:
            self._missed(str(error) or "the database takes too long")
            return ()
        finally:
            self._beating = None
        self._told(dead)
        return dead

    async def leave(self) -> None:
        """Free what we hold, so that nobody has to wait until they believe us dead."""
        try:
            async with asyncio.timeout(BEAT_WITHIN.total_seconds()), self._store.begin() as tx:
                await tx.gone(self._process.id)
        except (TransientError, TimeoutError) as error:
            log.warning("left_without_a_word", why=str(error) or "the database takes too long")

    @property
    def _pause(self) -> timedelta:
        follows = Role.CHAT in self._process.roles and not self.leading.held
        return self._times.look_every if follows else self._times.beat_every

    async def _beat(self, began: float, look: Look) -> Sequence[str]:
        returns = not self.alive.held
        if returns:
            await self.alive.vacated()
            await self.leading.vacated()
        process = replace(self._process, standing=await look())
        async with self._store.begin() as tx:
            if returns:  # what we held is nobody's now: all that we did was stopped
                await tx.gone(process.id)
            await tx.seen(process)
            dead = await tx.bury(silent_for=self._patience) if self._buries(began) else ()
            leads = Role.CHAT in process.roles and await tx.take_lease(
                CHATS, process=process.id, lasts=self._times.holds_for
            )
        self.alive.renew(since=began)
        if leads or self._alone:
            self._lead(began)
        else:
            self._follow()
        return dead

    @property
    def _patience(self) -> timedelta:
        return self._times.look_every if self._alone else self._times.buried_after

    def _buries(self, began: float) -> bool:
        """Whether our own ear was open for as long as a silence must last.

        After the database was away, everyone was silent; whoever is back first must not bury
        the rest.
        """
        if self._steady_since is None:
            self._steady_since = began
        return self._alone or began - self._steady_since >= self._patience.total_seconds()

    def _lead(self, began: float) -> None:
        if not self.leading.held:
            log.info("leads", process=self._process.id)
        self._led = True
        self.leading.renew(since=began)

    def _follow(self) -> None:
        if self._led:
            log.warning("leads_no_more", process=self._process.id)
        self._led = False
        self.leading.end()

    def _missed(self, why: str) -> None:
        self._steady_since = None
        if not self.trouble:
            log.warning("beat_missed", why=why)
        self.trouble = why

    def _told(self, dead: Sequence[str]) -> None:
        if self.trouble:
            log.info("beat_again", after=self.trouble)
        self.trouble = ""
        for id in dead:
            log.warning("process_buried", process=id)
