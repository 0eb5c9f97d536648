"""The web door: it says that it lives before it can take anything."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from bot.adapters.web.door import Door, Handler, Readiness
from bot.adapters.web.server import serving
from bot.ports.finding import Finding

FINE = Finding(ok=True, text="It answers.")
BAD = Finding(ok=False, text="It does not.")


@asynccontextmanager
async def served(door: Door) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    async with (
        serving(door.application(), host="127.0.0.1", port=0) as url,
        aiohttp.ClientSession() as session,
    ):
        yield session, url


async def taken(_: web.Request) -> web.StreamResponse:
    return web.Response(status=202)


def opened(
    found: Mapping[str, Finding], *, needed: str = "", posts: Mapping[str, Handler] | None = None
) -> Door:
    async def ready() -> Readiness:
        return Readiness(found=found, needed=frozenset(needed.split()))

    door = Door()
    door.open({"/github": taken} if posts is None else posts, ready=ready)
    return door


async def test_before_it_opens_it_lives_and_is_not_ready() -> None:
    """The database may be starting, as we are; whoever delivers comes back."""
    async with served(Door()) as (session, url):
        assert (await session.get(f"{url}/healthz")).status == 200
        ready = await session.get(f"{url}/readyz")
        assert ready.status == 503
        assert "Starting" in await ready.text()
        refused = await session.post(f"{url}/github")
        assert (refused.status, refused.headers["Retry-After"]) == (503, "5")


async def test_once_shut_it_takes_nothing_more() -> None:
    door = opened({"database": FINE}, needed="database")
    async with served(door) as (session, url):
        assert (await session.post(f"{url}/github")).status == 202
        door.shut()
        assert (await session.post(f"{url}/github")).status == 503


async def test_what_another_role_serves_is_not_found() -> None:
    async with served(opened({}, posts={})) as (session, url):
        assert (await session.post(f"{url}/github")).status == 404


async def test_ready_means_that_it_can_do_its_job() -> None:
    """A chat that is away only delays: deliveries must still be taken."""
    found = {"database": FINE, "slack": BAD}
    async with served(opened(found, needed="database")) as (session, url):
        response = await session.get(f"{url}/readyz")
        assert response.status == 200
        assert await response.json() == {
            "ready": True,
            "degraded": ["slack"],
            "dependencies": {
                "database": {"ok": True, "text": "It answers."},
                "slack": {"ok": False, "text": "It does not."},
            },
        }

        found["database"] = BAD
        assert (await session.get(f"{url}/readyz")).status == 503


async def test_a_beat_that_hangs_is_not_alive() -> None:
    async def ready() -> Readiness:
        return Readiness(found={}, needed=frozenset())

    door = Door()
    door.open({}, ready=ready, stuck=lambda: True)
    async with served(door) as (session, url):
        assert (await session.get(f"{url}/healthz")).status == 503


async def test_metrics_are_what_prometheus_reads() -> None:
    async def ready() -> Readiness:
        return Readiness(found={}, needed=frozenset())

    async def page() -> bytes:
        return b"smokejumper_leads 1.0\n"

    door = Door()
    door.open({}, ready=ready, metrics=page)
    async with served(door) as (session, url):
        response = await session.get(f"{url}/metrics")
        assert response.content_type == "text/plain"
        assert await response.text() == "smokejumper_leads 1.0\n"
