"""What GitHub remembers of its deliveries: the log of a webhook."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.events import Delivery
from bot.domain.hearing import Hook, LoggedDelivery
from bot.domain.run import Repository


class HookLog(Protocol):
    async def hooks(self, repos: Sequence[Repository], *, named: str = "") -> Sequence[Hook]:
        """Return the hooks that may be ours.

        Args:
            named: The one that settings name; empty: it is looked for.

        Raises:
            OperatorError: We may not read hooks.
        """
        ...

    async def logged(
        self, hook: Hook, *, since: datetime, failed: bool
    ) -> Sequence[LoggedDelivery]:
        """Return what was delivered since then, the newest first.

        Args:
            failed: Only what did not arrive; else all, of which there may be too much to read.
        """
        ...

    async def logged_delivery(self, hook: Hook, one: LoggedDelivery) -> Delivery:
        """Return a delivery with its payload, as if it came now."""
        ...

    async def redeliver(self, hook: Hook, one: LoggedDelivery) -> None:
        """Have GitHub send it again, under the same id."""
        ...
