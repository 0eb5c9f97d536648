"""The clock of this machine."""

from datetime import UTC, datetime

from bot.ports.clock import Clock


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def _promise(clock: SystemClock) -> Clock:
    return clock
