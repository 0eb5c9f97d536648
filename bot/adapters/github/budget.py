"""What GitHub may be asked now: counted before a request, corrected by its answer.

GitHub has two limits for each installation or token: requests an hour, told with each answer,
and points a minute, told only by a refusal. Whoever goes on after a refusal is banned.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from bot.adapters.github.failures import Reply, number_in, rate_limit
from bot.domain.errors import BusyError, TransientError
from bot.ports.purpose import Purpose, present_purpose
from bot.ports.running import Budget

WINDOW: Final = timedelta(seconds=10)
# GitHub takes 900 points in any minute, which touches at most seven of these windows.
WINDOW_POINTS: Final = 120
CHUNK: Final = 20  # taken at once, so that the shared count is written rarely
LOOK_EVERY: Final = timedelta(seconds=3)  # at what other processes were told
MATERIAL: Final = 50  # requests, until others should know
LONGEST_SILENCE: Final = timedelta(hours=1)  # GitHub's own longest
TOLERANCE: Final = timedelta(minutes=5)  # between GitHub's clock and ours
NONE: Final = timedelta(0)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# The share of the hour that is left to others. Nobody takes the last of it, since what other
# processes have under way is not counted yet.
LEFT_TO_OTHERS: Final = {
    Purpose.PEOPLE: 0.02,
    Purpose.TRIAGE: 0.02,
    Purpose.DIAGNOSIS: 0.1,
    Purpose.RECONCILE: 0.5,
}


class SharedCount(Protocol):
    """The count of all processes; asked from worker threads, which it may block shortly."""

    def exchange(self, payer: str, *, points: int, told: Budget | None) -> tuple[timedelta, Budget]:
        """Tell what we were told, take *points*, and return how it stands.

        The time is zero where the points were granted, else how long until there are more.
        """
        ...


class NotShared:
    """For a command that asks a few things and ends."""

    def exchange(
        self,
        payer: str,  # noqa: ARG002 - nobody else pays
        *,
        points: int,  # noqa: ARG002 - too few to count
        told: Budget | None,
    ) -> tuple[timedelta, Budget]:
        return NONE, told or Budget()


@dataclass(slots=True)
class _Purse:
    """What this process may ask on one payer's account."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    points: int = 0
    points_until: datetime = EPOCH
    empty_until: datetime = EPOCH
    """When there are points again, where there were none."""
    looked_at: datetime = EPOCH
    known: Budget = field(default_factory=Budget)
    told: Budget = field(default_factory=Budget)
    """What the others know of it."""
    under_way: int = 0
    refusals: int = 0
    """In a row, without a word on how long to wait."""

    def lacks(self, points: int, now: datetime) -> bool:
        return self.points_until <= now or self.points < points

    def news(self, *, worth: int) -> Budget | None:
        """Return what the others should know; None where it differs by less requests."""
        before, now = self.told, self.known
        same = (before.resets_at, before.quiet_until) == (now.resets_at, now.quiet_until)
        left = abs((before.remaining or 0) - (now.remaining or 0))
        return None if same and left < worth else now


class Meter:
    """Keeps all threads and processes within both limits; refuses instead of waiting."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        shared: SharedCount | None = None,
        answered: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Begin with nothing counted.

        Args:
            answered: Told the status of each answer, and 0 where none came.
        """
        self._now = now
        self._shared = shared or NotShared()
        self._answered = answered
        self._purses: dict[str, _Purse] = {}

    def ask(self, payer: str, send: Callable[[], Reply], *, points: int) -> Reply:
        """Send a request, if it may be sent now, and learn from its answer.

        Raises:
            BusyError: It may not be sent.
            TransientError: GitHub refused it, and asks for silence.
        """
        self.enter(payer, points=points)
        try:
            reply = send()
        except BusyError:
            self.unsent(payer)
            raise
        except BaseException:
            self.lost(payer)
            raise
        self.leave(payer, reply)
        return reply

    def enter(self, payer: str, *, points: int) -> None:
        """Count a request that is about to be sent.

        Raises:
            BusyError: It may not be sent now.
        """
        purse = self._purses.setdefault(payer, _Purse())
        with purse.lock:
            now = self._now()
            _refuse(purse, now, points)
            lacks = purse.lacks(points, now)
            if lacks or now - purse.looked_at >= LOOK_EVERY:
                self._exchange(payer, purse, points=max(CHUNK, points) if lacks else 0)
                _refuse(purse, now, points)
            purse.points -= points
            purse.under_way += 1

    def lost(self, payer: str) -> None:
        """Forget a request that has no answer."""
        self._answered(0)
        self.unsent(payer)

    def unsent(self, payer: str) -> None:
        """Forget a request that was not sent after all."""
        purse = self._purses[payer]
        with purse.lock:
            purse.under_way -= 1

    def leave(self, payer: str, reply: Reply) -> None:
        """Learn from an answer.

        Raises:
            TransientError: GitHub refused, and asks for silence.
        """
        self._answered(reply.status)
        purse = self._purses[payer]
        with purse.lock:
            purse.under_way -= 1
            now = self._now()
            purse.known = _newer(purse.known, told_by(reply), now)
            wait = rate_limit(reply, now=now)
            if wait is None:
                purse.refusals = 0
                return
            if number_in(reply, "retry-after") is None:
                wait *= 1 << min(purse.refusals, 5)
                purse.refusals += 1
            wait = min(wait, LONGEST_SILENCE)
            purse.known = replace(purse.known, quiet_until=now + wait)
            self._exchange(payer, purse, points=0)
        msg = "GitHub asks us to slow down."
        raise TransientError(msg, after=wait)

    def _exchange(self, payer: str, purse: _Purse, *, points: int) -> None:
        now, told = self._now(), purse.news(worth=1 if points else MATERIAL)
        wait, found = self._shared.exchange(payer, points=points, told=told)
        if told is not None:
            purse.told = told
        purse.known = _newer(purse.known, found, now)
        purse.looked_at = now
        if wait > NONE:
            purse.empty_until = now + wait
        elif points:
            purse.points = points if purse.points_until <= now else purse.points + points
            purse.points_until = window_end(now)


def window_end(now: datetime) -> datetime:
    return EPOCH + ((now - EPOCH) // WINDOW + 1) * WINDOW


def told_by(reply: Reply) -> Budget:
    """Return what an answer's headers say of the hour."""
    resource = reply.headers.get("x-ratelimit-resource", "core")
    reset = number_in(reply, "x-ratelimit-reset")
    if resource != "core" or reset is None:
        return Budget()
    return Budget(
        remaining=number_in(reply, "x-ratelimit-remaining"),
        total=number_in(reply, "x-ratelimit-limit"),
        resets_at=datetime.fromtimestamp(reset, UTC),
    )


def _newer(known: Budget, told: Budget, now: datetime) -> Budget:
    """Put two reports together; answers overtake each other, so of one hour the lower holds."""
    silences = [at for at in (known.quiet_until, told.quiet_until) if _wait(at, now)]
    quiet = max(filter(None, silences), default=None)
    if told.remaining is None or not _wait(told.resets_at, now):
        return replace(known, quiet_until=quiet)
    if told.resets_at == known.resets_at and known.remaining is not None:
        told = replace(told, remaining=min(told.remaining, known.remaining))
    elif _wait(known.resets_at, now) > _wait(told.resets_at, now):
        return replace(known, quiet_until=quiet)
    return replace(told, quiet_until=quiet)


def _refuse(purse: _Purse, now: datetime, points: int) -> None:
    """Raise BusyError where GitHub wants silence, or the rest of the hour is for others."""
    known = purse.known
    if wait := _wait(known.quiet_until, now):
        msg = "GitHub asked us to slow down."
        raise BusyError(msg, after=wait)
    if (wait := _wait(purse.empty_until, now)) and purse.lacks(points, now):
        msg = "GitHub was asked as much as it takes in ten seconds."
        raise BusyError(msg, after=wait)
    kept = LEFT_TO_OTHERS[present_purpose()] * (known.total or 0)
    spent = known.remaining is not None and known.remaining - purse.under_way <= kept
    if spent and (wait := _wait(known.resets_at, now)):
        msg = "GitHub was asked nearly as much as it takes in an hour."
        raise BusyError(msg, after=wait)


def _wait(until: datetime | None, now: datetime) -> timedelta:
    """Return how long it is until then; nothing that is further away is believed.

    Our clock was set back since, or GitHub's runs ahead of it.
    """
    wait = until - now if until else NONE
    return wait if NONE < wait <= LONGEST_SILENCE + TOLERANCE else NONE
