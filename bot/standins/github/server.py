"""GitHub on loopback: the API, the log storage beside it, and a side that tells the story."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

from aiohttp import web

from bot.standins.github import payloads
from bot.standins.github.api import Api
from bot.standins.github.apps import Installation
from bot.standins.github.budgets import SECONDARY, Budgets
from bot.standins.github.faults import Fault, Faults
from bot.standins.github.hub import Hub
from bot.standins.github.limits import Limits
from bot.standins.github.outbox import Outbox
from bot.standins.github.storage import LogStorage
from bot.standins.github.views.urls import Urls
from bot.standins.github.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import timedelta
    from types import TracebackType
    from typing import Literal

    from bot.standins.github.apps import App
    from bot.standins.github.exchange import Exchange
    from bot.standins.github.happenings import Happening
    from bot.standins.github.hooks import Delivery, Hook
    from bot.standins.github.repository import Repository
    from bot.standins.github.world import Account


class GitHubServer:
    """A GitHub of one's own; what is done to it happens at once and its hooks are told."""

    def __init__(
        self,
        *,
        port: int = 0,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.time,
        web_url: str = "https://github.com",
    ) -> None:
        self._port = port
        self._web_url = web_url
        self._plays: set[asyncio.Task[None]] = set()
        self._stack = AsyncExitStack()
        world = World(clock=clock, limits=limits or Limits(), emit=self._emit, later=self._later)
        self.faults = Faults()
        self.hub = Hub(world)
        self._budgets = Budgets(clock, world.limits)
        self._outbox = Outbox(world)
        self._storage = LogStorage(world, self.faults)
        self._api = Api(
            hub=self.hub,
            outbox=self._outbox,
            budgets=self._budgets,
            storage=self._storage,
            faults=self.faults,
            web_url=web_url,
        )
        self.url = ""

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._outbox)
        self.url = await self._listen(self._api.application(), self._port)
        self._storage.url = await self._listen(self._storage.application(), 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for play in self._plays:
            play.cancel()
        ended = await asyncio.gather(*self._plays, return_exceptions=True)
        await self._stack.aclose()
        for mistake in ended:
            if isinstance(mistake, Exception):
                raise mistake

    # The story

    def user(self, login: str) -> Account:
        return self.hub.user(login)

    def repository(
        self, full_name: str, *, private: bool = False, default_branch: str = "main"
    ) -> Repository:
        """Return the repository of this name, made at its first mention."""
        return self.hub.repository(full_name, private=private, default_branch=default_branch)

    def fork(self, repository: Repository, login: str) -> Repository:
        return self.hub.fork(repository, login)

    def app(
        self,
        slug: str,
        *,
        permissions: Mapping[str, str],
        events: Iterable[str] = (),
        owner: str = "acme",
    ) -> App:
        """Register a GitHub App; its `private_key` is for the client."""
        return self.hub.app(slug, permissions=permissions, events=events, owner=owner)

    def organization_hook(
        self, login: str, url: str, *, secret: str, events: Iterable[str] = ("*",)
    ) -> Hook:
        """Register a webhook of all repositories of an organization."""
        return self.hub.organization_hook(login, url, secret=secret, events=events)

    def token(self, login: str, *, scopes: Sequence[str] = ("repo",)) -> str:
        """Make a classic token of a person."""
        return self.hub.tokens.classic(login, scopes)

    def fine_grained_token(self, login: str, permissions: Mapping[str, str]) -> str:
        return self.hub.tokens.fine_grained(login, permissions)

    # Trouble

    @property
    def down(self) -> bool:
        """Whether every request is answered 503; `faults.unreachable` drops connections."""
        return self.faults.down

    @down.setter
    def down(self, down: bool) -> None:
        self.faults.down = down

    def fail_next(self, method: str, path: str, *, status: int = 503, times: int = 1) -> None:
        """Answer the next requests with an error; *path* may have `*`, method too."""
        self.faults.add(Fault(method=method, path=path, status=status, times=times))

    def throttle_next(
        self, method: str, path: str, *, wait: timedelta | None = None, times: int = 1
    ) -> None:
        """Answer the next requests as beyond the secondary limit; *wait* gives Retry-After."""
        headers = {"Retry-After": str(int(wait.total_seconds()))} if wait is not None else {}
        status = self.hub.world.limits.rate_limit_status
        self.faults.add(
            Fault(
                method=method,
                path=path,
                status=status,
                message=SECONDARY,
                headers=headers,
                times=times,
            )
        )

    def cut_next(
        self, method: str, path: str, *, when: Literal["before", "after"], times: int = 1
    ) -> None:
        """Drop the connection of the next requests, before or after what they ask is done."""
        self.faults.add(Fault(method=method, path=path, cut=when, times=times))

    def delay_next(self, method: str, path: str, by: timedelta, *, times: int = 1) -> None:
        self.faults.add(Fault(method=method, path=path, delay=by, times=times))

    def lose_next(self, event: str, *, times: int = 1) -> None:
        """Let the next deliveries of this event fail; GitHub will not send them again."""
        self._outbox.lose_next(event, times)

    def redeliver(self, hook: Hook, delivery: Delivery) -> None:
        """Send a delivery once more under its GUID, as a person may in the hook's settings."""
        self._outbox.again(hook, delivery)

    def exhaust(self, who: str | Installation) -> None:
        """Use up the hour of a token or of an installation."""
        if isinstance(who, Installation):
            self._budgets.exhaust(f"installation ID {who.id}")
        else:
            self._budgets.exhaust(self.hub.tokens.caller(f"Bearer {who}").budget)

    # Watching

    def observe(self, callback: Callable[[Exchange], None]) -> None:
        """Call *callback* with every request and its answer."""
        self._api.watchers.append(callback)

    def observe_deliveries(self, callback: Callable[[Delivery], None]) -> None:
        """Call *callback* with every delivery when it is made."""
        self._outbox.watch(callback)

    def count(self, act: str, key: int | None = None) -> int:
        """Count what was done and not refused.

        Args:
            act: `rerun`, `rerun-failed-jobs` or `cancel`, whose key is a run; `rerun-job` or
                `log`, a job; `redeliver`, a delivery; `access-token`, an installation; or
                `GET /path/{template}`, which has none.
        """
        acts = self.hub.acts
        return sum(n for (name, k), n in acts.items() if name == act and key in {None, k})

    async def played(self) -> None:
        """Wait until every attempt that a script has an end for has ended."""
        await asyncio.gather(*self._plays)

    async def delivered(self) -> None:
        """Wait until every delivery was answered or failed."""
        await self._outbox.settled()

    async def _listen(self, app: web.Application, port: int) -> str:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    def _emit(self, happening: Happening) -> None:
        told = self.hub.hooks_for(happening)
        if not told:
            return
        event, payload = payloads.of(happening, Urls(self.url, self._web_url))
        for hook, installation in told:
            if hook.wants(event):
                self._outbox.put(
                    hook,
                    event,
                    payloads.with_installation(payload, installation),
                    installation_id=installation.id if installation else None,
                    repository_id=happening.repository.id if happening.repository else None,
                )

    def _later(self, delay: timedelta, act: Callable[[], None]) -> None:
        async def play() -> None:
            await asyncio.sleep(delay.total_seconds())
            act()

        self._plays.add(asyncio.create_task(play()))
