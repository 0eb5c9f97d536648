"""What every part of the model leans on: time, ids, accounts, and the news it spreads."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from bot.standins.github.happenings import Happening
    from bot.standins.github.limits import Limits

AccountKind = Literal["User", "Organization", "Bot"]

FIRST_IDS: Final = {"run": 9_876_500_000, "job": 27_654_300_000, "delivery": 1_200_300_400_500}


@dataclass(slots=True, kw_only=True)
class Account:
    """A user, an organization or an app's bot."""

    id: int
    login: str
    kind: AccountKind = "User"


class World:
    """Time, ids and accounts; `emit` tells the hooks, `later` plays what a script foresees."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        limits: Limits,
        emit: Callable[[Happening], None],
        later: Callable[[timedelta, Callable[[], None]], None],
    ) -> None:
        self.clock = clock
        self.limits = limits
        self.emit = emit
        self.later = later
        self.accounts: dict[str, Account] = {}
        self._last_ids: defaultdict[str, int] = defaultdict(lambda: 1_000, FIRST_IDS)

    def now(self) -> datetime:
        """Return the time in whole seconds, as GitHub writes it."""
        return datetime.fromtimestamp(int(self.clock()), UTC)

    def next_id(self, kind: str) -> int:
        self._last_ids[kind] += 1
        return self._last_ids[kind]

    def next_sha(self) -> str:
        number = self.next_id("object")
        return hashlib.sha1(f"object {number}".encode(), usedforsecurity=False).hexdigest()

    def account(self, login: str, kind: AccountKind = "User") -> Account:
        """Return the account of this login, made at its first mention."""
        if login not in self.accounts:
            self.accounts[login] = Account(id=self.next_id("account"), login=login, kind=kind)
        return self.accounts[login]
