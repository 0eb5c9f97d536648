"""A bare bot as gidgethub's users write it over aiohttp: checks the signature, stores nothing."""

import asyncio
import os

from aiohttp import web
from gidgethub import routing, sansio

router = routing.Router()
failures: list[int] = []


async def completed(event: sansio.Event) -> None:
    run = event.data["workflow_run"]
    if run["conclusion"] == "failure":
        failures.append(run["id"])


router.add(completed, "workflow_run", action="completed")


async def handle(request: web.Request) -> web.Response:
    body = await request.read()
    event = sansio.Event.from_http(request.headers, body, secret=os.environ["SECRET"])
    await router.dispatch(event)
    return web.Response(status=200)


async def main() -> None:
    app = web.Application()
    app.router.add_post("/github", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
