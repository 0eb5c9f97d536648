"""A request as a route sees it, and the answers it can give."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bot.standins.github.callers import AppCaller
from bot.standins.github.refusal import RefusalError, not_found

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.standins.github.apps import App
    from bot.standins.github.budgets import Budgets
    from bot.standins.github.callers import Caller, Need
    from bot.standins.github.hub import Hub
    from bot.standins.github.outbox import Outbox
    from bot.standins.github.repository import Repository
    from bot.standins.github.storage import LogStorage
    from bot.standins.github.views.urls import Json, Urls
    from bot.standins.github.world import Account

MOST_A_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status, a JSON body if any, and headers of its own."""

    body: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A path, what it needs of the repository in it, and who answers."""

    method: str
    path: str
    answer: Callable[[Call], Answer]
    need: Need | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request that was let in."""

    hub: Hub
    outbox: Outbox
    budgets: Budgets
    storage: LogStorage
    urls: Urls
    caller: Caller
    path: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    body: Json
    place: Repository | None = None

    @property
    def repository(self) -> Repository:
        if self.place is None:
            raise not_found()
        return self.place

    @property
    def app(self) -> App:
        """The app that asks.

        Raises:
            RefusalError: It is not an app that asks, or not by its JWT.
        """
        if not isinstance(self.caller, AppCaller):
            raise RefusalError(401, "A JSON web token could not be decoded")
        return self.caller.app

    @property
    def account(self) -> Account:
        if self.caller.account is None:
            raise RefusalError(401, "Requires authentication")
        return self.caller.account

    def number(self, name: str) -> int:
        """Return a part of the path that has to be a number."""
        text = self.parts[name]
        if not text.isdecimal():
            raise not_found()
        return int(text)

    def count(self, act: str, key: int) -> None:
        self.hub.acts[act, key] += 1

    def page(self, items: Sequence[object], *, key: str | None = None) -> Answer:
        """Answer with one page of a list, under *key* and with a total if there is one."""
        size = max(1, min(self._asked("per_page", 30), MOST_A_PAGE))
        number = max(1, self._asked("page", 1))
        last = max(1, -(-len(items) // size))
        shown = list(items[(number - 1) * size : number * size])
        links = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
        if number == 1:
            del links["prev"], links["first"]
        if number >= last:
            del links["next"], links["last"]
        header = ", ".join(f'<{self.link(page=n)}>; rel="{rel}"' for rel, n in links.items())
        body: object = {"total_count": len(items), key: shown} if key else shown
        return Answer(body=body, headers={"Link": header} if header else {})

    def link(self, **changed: object) -> str:
        """Return the address of this very question with another page or cursor."""
        query = {**self.query, **{name: str(value) for name, value in changed.items()}}
        return f"{self.urls.api}{self.path}?{urlencode(query)}"

    def _asked(self, name: str, default: int) -> int:
        text = self.query.get(name, "")
        return int(text) if text.isdecimal() else default
