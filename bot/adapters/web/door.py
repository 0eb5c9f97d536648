"""What is served: the probes from the first moment, the rest while the bot can take it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
from aiohttp import web

from bot.ports.finding import Finding

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

Ready = Callable[[], Awaitable["Readiness"]]
MetricsPage = Callable[[], Awaitable[bytes]]

GITHUB: Final = "/github"
SLACK: Final = "/slack/events"
RETRY_AFTER: Final = {"Retry-After": "5"}
METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"  # as Prometheus names its format


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """How everything does that we depend on, and without what we can't do our job."""

    found: Mapping[str, Finding]
    needed: frozenset[str]

    @property
    def ready(self) -> bool:
        return all(finding.ok for name, finding in self.found.items() if name in self.needed)

    @property
    def degraded(self) -> list[str]:
        return [name for name, finding in self.found.items() if not finding.ok]


STARTING: Final = Readiness(
    found={"start": Finding(ok=False, text="Starting: the database was not reached yet.")},
    needed=frozenset({"start"}),
)


async def _starting() -> Readiness:
    return STARTING


async def _nothing() -> bytes:
    return b""


class Door:
    """Shut at first: then it says that we live, are not ready, and that deliveries must wait."""

    def __init__(self) -> None:
        self._posts: Mapping[str, Handler] | None = None
        self._ready: Ready = _starting
        self._metrics: MetricsPage = _nothing
        self._stuck: Callable[[], bool] = lambda: False

    def open(
        self,
        posts: Mapping[str, Handler],
        *,
        ready: Ready,
        metrics: MetricsPage = _nothing,
        stuck: Callable[[], bool] = lambda: False,
    ) -> None:
        """Serve from now on.

        Args:
            posts: What takes a POST, by path.
            ready: Says how everything does.
            metrics: Returns what Prometheus reads.
            stuck: Whether only a new start can help.
        """
        self._posts, self._ready, self._metrics, self._stuck = posts, ready, metrics, stuck

    def shut(self) -> None:
        """Answer 503 from now on, so that whoever asks comes back, or asks another."""
        self._posts = None

    def application(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.post(GITHUB, self._post),
                web.post(SLACK, self._post),
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                web.get("/metrics", self._show_metrics),
            ]
        )
        return app

    async def _post(self, request: web.Request) -> web.StreamResponse:
        if self._posts is None:
            raise web.HTTPServiceUnavailable(text="Not now.", headers=RETRY_AFTER)
        handle = self._posts.get(request.path)
        if handle is None:
            raise web.HTTPNotFound
        return await handle(request)

    async def _healthz(self, _: web.Request) -> web.Response:
        if self._stuck():
            return web.Response(status=503, text="stuck")
        return web.Response(text="alive")

    async def _readyz(self, _: web.Request) -> web.Response:
        state = await self._ready()
        body = msgspec.json.encode(
            {"ready": state.ready, "degraded": state.degraded, "dependencies": dict(state.found)}
        )
        status = 200 if state.ready else 503
        return web.Response(status=status, body=body, content_type="application/json")

    async def _show_metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=await self._metrics(), headers={"Content-Type": METRICS_TYPE})
