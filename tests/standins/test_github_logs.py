"""Logs behind a redirect to another host, and what stands there when there is none."""

import io
import zipfile
from datetime import timedelta

import aiohttp
import pytest
from github import Github

from bot.standins.github import GitHubServer, Run
from tests.standins.github_kit import Clock, ask, running

AGENT = {"User-Agent": "test"}


async def fetch(server: GitHubServer, path: str, *, token: str | None = None) -> tuple[int, bytes]:
    """Follow the redirect as aiohttp does: without credentials to another host."""
    headers = AGENT | ({"Authorization": f"Bearer {token}"} if token else {})
    async with (
        aiohttp.ClientSession() as session,
        session.get(server.url + path, headers=headers) as response,
    ):
        return response.status, await response.read()


async def link(server: GitHubServer, run: Run) -> str:
    """Return the address that the log of the job "build" is redirected to."""

    def look(client: Github) -> str:
        found = client.get_repo("acme/app").get_workflow_run(run.id)
        job = next(one for one in found.jobs() if one.name == "build")
        return str(job.logs_url())

    return await ask(server, server.token("ana"), look)


def failed(server: GitHubServer, log: bytes | None = None) -> Run:
    run = server.repository("acme/app").workflow("CI").start(jobs=["build", "test"])
    run.finish_job("build", "failure", log=log)
    return run


def path(run: Run, name: str = "build") -> str:
    return f"/repos/acme/app/actions/jobs/{run.job(name).id}/logs"


@pytest.mark.parametrize(
    "log",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xef\xbb\xbf2024-08-06T12:00:00.0000000Z 503\n", id="bom"),
        pytest.param(b"\xff\xfe\x00no encoding" * 50_000, id="binary-in-many-blocks"),
    ],
)
async def test_a_log_comes_byte_for_byte_while_other_jobs_run(log: bytes) -> None:
    async with running() as github:
        run = failed(github, log)

        assert await fetch(github, path(run), token=github.token("ana")) == (200, log)
        assert github.count("log", run.job("build").id) == 1


async def test_a_log_of_ones_own_is_made_up_of_the_steps() -> None:
    async with running() as github:
        _, text = await fetch(github, path(failed(github)), token=github.token("ana"))

        assert b" ##[group]Build\n" in text
        assert text.endswith(b" ##[error]Process completed with exit code 1.\n")


async def test_the_link_is_another_host_takes_no_token_and_dies_in_a_minute() -> None:
    clock = Clock()
    async with running(clock=clock) as github, aiohttp.ClientSession() as session:
        run = failed(github, b"text\n")
        url = await link(github, run)
        assert not url.startswith(github.url)
        async with session.get(url, headers={"Authorization": "Bearer x"}) as refused:
            assert refused.status == 401
        async with session.get(url) as good:
            assert await good.read() == b"text\n"
        clock.forward(timedelta(minutes=1))
        async with session.get(url) as late:
            assert late.status == 403
            assert b"AuthenticationFailed" in await late.read()


async def test_no_log_while_the_job_runs_none_if_lost_and_gone_when_expired() -> None:
    clock = Clock()
    async with running(clock=clock) as github:
        run = failed(github)
        token = github.token("ana")
        assert (await fetch(github, path(run, "test"), token=token))[0] == 404
        run.finish("failure")
        run.job("test").lose_log()
        assert (await fetch(github, path(run, "test"), token=token))[0] == 404
        assert (await fetch(github, path(run), token=token))[0] == 200
        clock.forward(timedelta(days=91))
        assert (await fetch(github, path(run), token=token))[0] == 410


async def test_logs_need_a_token_though_the_repository_is_public() -> None:
    async with running() as github:
        run = failed(github)

        assert (await fetch(github, path(run)))[0] == 401


async def test_the_logs_of_a_run_come_as_an_archive() -> None:
    async with running() as github:
        run = failed(github, b"no\n")
        run.finish("failure")
        url = f"/repos/acme/app/actions/runs/{run.id}/logs"
        _, packed = await fetch(github, url, token=github.token("ana"))

        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            assert archive.namelist() == ["0_build.txt", "1_test.txt"]
            assert archive.read("0_build.txt") == b"no\n"


async def test_annotations_stand_on_the_jobs_check_run() -> None:
    async with running() as github:
        run = github.repository("acme/app").workflow("CI").start()
        job = run.finish_job("build", "failure", annotations=["The runner has shut down."])

        def look(client: Github) -> list[tuple[str, str]]:
            found = client.get_repo("acme/app").get_check_run(job.id).get_annotations()
            return [(one.annotation_level, one.message) for one in found]

        assert await ask(github, github.token("ana"), look) == [
            ("failure", "The runner has shut down.")
        ]


async def test_the_storage_may_break_off() -> None:
    async with running() as github, aiohttp.ClientSession() as session:
        run = failed(github, b"x" * 1_000_000)
        url = await link(github, run)
        github.cut_next("GET", "/logs/*", when="after")
        async with session.get(url) as response:
            with pytest.raises(aiohttp.ClientError):
                await response.read()
        github.fail_next("GET", "/logs/*", status=503)
        async with session.get(url) as response:
            assert response.status == 503
