"""A server that stops with grace."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from aiohttp import web

from bot.domain.errors import PermanentError

GRACE: Final = timedelta(seconds=5)  # what a delivery that is being stored may take


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
