"""What the tests of the GitHub stand-in share: the real client, a receiver of hooks, a clock."""

import asyncio
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self, TypeVar

import pytest
from aiohttp import web
from github import Auth, Github

from bot.standins.github import GitHubServer, Limits, sign
from tests.vendor_specs import github as spec

T = TypeVar("T")
SECRET = "It's a Secret to Everybody"
CI_PERMISSIONS = {"actions": "write", "contents": "read", "checks": "read", "metadata": "read"}


class Clock:
    """Time that moves when it is told to; it starts now, since a JWT is made by the real clock."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by.total_seconds()


@asynccontextmanager
async def running(
    *, limits: Limits | None = None, clock: Callable[[], float] = time.time
) -> AsyncIterator[GitHubServer]:
    """Run a server; where GitHub's descriptions are at hand, all it said is held against them."""
    async with GitHubServer(limits=limits, clock=clock) as server:
        found = spec.watch(server) if spec.available() else []
        yield server
        await server.delivered()
    if found:
        pytest.fail("\n".join(found))


async def ask(server: GitHubServer, token: str, question: Callable[[Github], T]) -> T:
    """Ask through PyGithub, in a thread as it blocks."""

    def inside() -> T:
        client = Github(
            auth=Auth.Token(token),
            base_url=server.url,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
        )
        with client:
            return question(client)

    return await asyncio.to_thread(inside)


async def get(server: GitHubServer, token: str, url: str) -> tuple[dict[str, Any], Any]:
    """Ask for a path that PyGithub has no method for; return headers and JSON."""
    return await ask(server, token, lambda client: client.requester.requestJsonAndCheck("GET", url))


@dataclass(frozen=True, slots=True)
class Received:
    """One request that the receiver got."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> str:
        return self.headers["X-GitHub-Event"]

    @property
    def payload(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read

    @property
    def name(self) -> str:
        action = self.payload.get("action")
        return f"{self.event}.{action}" if action else self.event


class Receiver:
    """An aiohttp server that checks signatures as a careful program does."""

    def __init__(self, *, secret: str = SECRET) -> None:
        self.secret = secret
        self.status = 202
        self.received: list[Received] = []
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/github", self._hear)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/github"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def names(self) -> list[str]:
        return [one.name for one in self.received]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [one.payload for one in self.received if one.event == event]

    async def _hear(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not hmac.compare_digest(request.headers["X-Hub-Signature-256"], sign(self.secret, body)):
            return web.Response(status=401)
        self.received.append(Received(dict(request.headers), body))
        return web.Response(status=self.status)
