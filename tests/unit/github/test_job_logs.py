"""Logs: not yet there, gone, cut off, packed, endless; and the token goes to GitHub alone."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web

from bot.adapters.github import log_source
from bot.adapters.github.failures import Reply
from bot.adapters.github.log_source import Counted, LogSource
from bot.adapters.web.server import serving
from bot.domain.errors import NotFoundError, TransientError
from bot.domain.ids import JobId
from bot.standins.github.jobs import LogState
from tests.unit.github.hub import Hub, hub, log_of


@pytest.fixture
async def github() -> AsyncIterator[Hub]:
    async with hub() as it:
        yield it


async def test_the_log_of_a_running_job_is_not_there_yet(github: Hub) -> None:
    run = github.there.workflow("CI").start()
    async with github.client() as host:
        with pytest.raises(TransientError, match="not there yet"):
            await log_of(host, github.repo(), run.job("build").id)


async def test_a_missing_log_may_follow_its_job_for_two_minutes(github: Hub) -> None:
    run = github.there.workflow("CI").start()
    run.finish_job("build", "failure").log_state = LogState.LOST
    async with github.client() as host:
        with pytest.raises(TransientError):
            await log_of(host, github.repo(), run.job("build").id)
        github.clock.forward(timedelta(minutes=3))
        with pytest.raises(NotFoundError, match="GitHub has no log of job"):
            await log_of(host, github.repo(), run.job("build").id)


async def test_an_expired_log_says_so(github: Hub) -> None:
    run = github.there.workflow("CI").start()
    run.finish_job("build", "failure").log_state = LogState.EXPIRED
    async with github.client() as host:
        with pytest.raises(NotFoundError, match="has expired"):
            await log_of(host, github.repo(), run.job("build").id)


@pytest.mark.parametrize("status", [403, 500, 503])
async def test_storage_in_trouble_may_be_tried_again(github: Hub, status: int) -> None:
    run = github.there.workflow("CI").start()
    run.finish("failure")
    github.server.fail_next("GET", "/logs/*", status=status)
    async with github.client() as host:
        with pytest.raises(TransientError):
            await log_of(host, github.repo(), run.job("build").id)


async def test_a_log_cut_off_in_the_middle_may_be_tried_again(github: Hub) -> None:
    run = github.there.workflow("CI").start()
    run.finish_job("build", "failure", log=b"line\n" * 100_000)
    github.server.cut_next("GET", "/logs/*", when="after")
    async with github.client() as host:
        with pytest.raises(TransientError, match="can't be fetched"):
            await log_of(host, github.repo(), run.job("build").id)


async def test_a_reader_may_stop_early(github: Hub) -> None:
    run = github.there.workflow("CI").start()
    job = run.finish_job("build", "failure", log=b"x" * 5_000_000)
    async with github.client() as host:
        async with host.job_log(github.repo(), JobId(job.id)) as blocks:
            assert (await anext(blocks)).startswith(b"xxx")
        assert len(await log_of(host, github.repo(), job.id)) == 5_000_000


@asynccontextmanager
async def uncounted() -> AsyncIterator[Counted]:
    yield Counted()


@asynccontextmanager
async def source(*routes: web.AbstractRouteDef) -> AsyncIterator[tuple[LogSource, str]]:
    """Serve *routes* as a GitHub of which only logs are asked."""
    app = web.Application()
    app.add_routes(routes)
    async with (
        serving(app, host="127.0.0.1", port=0) as url,
        LogSource(base_url=url, timeout=timedelta(seconds=5)) as source,
    ):
        yield source, url


async def test_the_token_stays_with_github() -> None:
    """The port makes another origin of the same host; the storage must not see the token."""
    seen: list[str | None] = []

    async def storage(request: web.Request) -> web.Response:
        assert request.raw_path == "/log?sig=a%2Fb", "the link is signed as it is spelt"
        seen.append(request.headers.get("Authorization"))
        return web.Response(body=b"log")

    async with source(web.get("/log", storage)) as (_, storage_url):

        async def api(request: web.Request) -> web.Response:
            seen.append(request.headers.get("Authorization"))
            return web.Response(status=302, headers={"Location": f"{storage_url}/log?sig=a%2Fb"})

        async with (
            source(web.get("/job", api)) as (logs, _),
            logs.open("/job", token="secret", counting=uncounted) as log,
        ):
            assert not isinstance(log, Reply)
            assert b"".join([block async for block in log]) == b"log"
    assert seen == ["Bearer secret", None]


async def test_a_packed_log_is_unpacked() -> None:
    async def packed(_: web.Request) -> web.Response:
        body = gzip.compress(b"line\n" * 1_000)
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    async with (
        source(web.get("/job", packed)) as (logs, _),
        logs.open("/job", token="x", counting=uncounted) as log,
    ):
        assert not isinstance(log, Reply)
        assert b"".join([block async for block in log]) == b"line\n" * 1_000


async def test_a_log_packed_wrongly_may_be_tried_again() -> None:
    async def broken(_: web.Request) -> web.Response:
        return web.Response(body=b"no gzip", headers={"Content-Encoding": "gzip"})

    async with (
        source(web.get("/job", broken)) as (logs, _),
        logs.open("/job", token="x", counting=uncounted) as log,
    ):
        assert not isinstance(log, Reply)
        with pytest.raises(TransientError):
            [block async for block in log]


async def test_a_small_log_that_unpacks_without_end_is_cut() -> None:
    """250 MB of zeros pack to 240 kB."""
    bomb = gzip.compress(b"\0" * 250_000_000, compresslevel=1)

    async def endless(_: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with (
        source(web.get("/job", endless)) as (logs, _),
        logs.open("/job", token="x", counting=uncounted) as log,
    ):
        assert not isinstance(log, Reply)
        assert sum([len(block) async for block in log]) == log_source.MOST_BYTES


async def test_a_ring_of_redirects_ends() -> None:
    async def ring(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/job"})

    async with source(web.get("/job", ring)) as (logs, _):
        with pytest.raises(TransientError, match="from one address to the next"):
            await logs.open("/job", token="x", counting=uncounted).__aenter__()
