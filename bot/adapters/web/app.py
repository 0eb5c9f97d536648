"""The aiohttp application, its probes, and a server that stops with grace."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

import msgspec
from aiohttp import web

from bot.domain.errors import PermanentError
from bot.ports.finding import Finding

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Ready = Callable[[], Awaitable[Mapping[str, Finding]]]

GRACE: Final = timedelta(seconds=5)  # what a delivery that is being stored may take


def application(
    *, github: Handler, ready: Ready, routes: Iterable[web.AbstractRouteDef] = ()
) -> web.Application:
    """Return the application.

    Args:
        ready: Says of each dependency, by name, whether it works.
        routes: What else is served, such as Slack's HTTP mode.
    """

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="alive")

    async def readyz(_: web.Request) -> web.Response:
        found = await ready()
        fine = all(finding.ok for finding in found.values())
        body = msgspec.json.encode({"ready": fine, "dependencies": dict(found)})
        status = 200 if fine else 503
        return web.Response(status=status, body=body, content_type="application/json")

    app = web.Application()
    app.add_routes(
        [
            web.post("/github", github),
            web.get("/healthz", healthz),
            web.get("/readyz", readyz),
            *routes,
        ]
    )
    return app


@asynccontextmanager
async def serving(
    app: web.Application, *, host: str, port: int, grace: timedelta = GRACE
) -> AsyncIterator[str]:
    """Serve *app* and yield its address; port 0 means any free one.

    At the end no new connection is taken, and requests under way may last for *grace*.
    """
    runner = web.AppRunner(
        app, access_log=None, handle_signals=False, shutdown_timeout=grace.total_seconds()
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            msg = f"Can't listen on {host}:{port} (SMOKEJUMPER_LISTEN): {error.strerror}"
            raise PermanentError(msg) from error
        bound = runner.addresses[0][1]
        yield f"http://{f'[{host}]' if ':' in host else host}:{bound}"
    finally:
        await runner.cleanup()
