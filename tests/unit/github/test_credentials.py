"""The App's tokens: made once, shared, renewed; and what a set-up lacks is said."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.adapters.github.check import check
from bot.adapters.github.credentials import AppCredentials, Credentials, TokenCredentials
from bot.domain.errors import NotFoundError, OperatorError, PermanentError
from bot.domain.ids import RunId
from bot.domain.retry import Scope
from tests.unit.github.hub import PERMISSIONS, Hub, hub, log_of


@pytest.fixture
async def github() -> AsyncIterator[Hub]:
    async with hub() as it:
        yield it


async def test_one_token_serves_until_it_ages(github: Hub) -> None:
    app = github.app()
    installation = app.install(github.there.owner)
    run = github.there.workflow("CI").start()
    run.finish("failure")
    async with github.client(github.as_app(app)) as host:
        repo = github.repo(installation)
        await host.run(repo, RunId(run.id))
        await host.jobs(repo, RunId(run.id))
        assert await log_of(host, repo, run.job("build").id)
        assert github.server.count("access-token", installation.id) == 1

        github.clock.forward(timedelta(minutes=59))
        await host.run(repo, RunId(run.id))
        assert github.server.count("access-token", installation.id) == 2


async def test_a_refused_token_is_renewed_once(github: Hub) -> None:
    """Our clock may be wrong, and an owner may revoke a token; the next one does."""
    app = github.app()
    installation = app.install(github.there.owner)
    run = github.there.workflow("CI").start()
    run.finish("failure")
    async with github.client(github.as_app(app)) as host:
        repo = github.repo(installation)
        github.server.fail_next("GET", f"*/runs/{run.id}", status=401)
        assert (await host.run(repo, RunId(run.id))).id == run.id
        github.server.fail_next("GET", "*/logs", status=401)
        assert await log_of(host, repo, run.job("build").id)
        assert github.server.count("access-token", installation.id) == 3

        github.server.fail_next("GET", f"*/runs/{run.id}", status=401, times=2)
        with pytest.raises(OperatorError, match="refuses our credentials"):
            await host.run(repo, RunId(run.id))


async def test_the_installation_is_looked_up_where_nobody_told_it(github: Hub) -> None:
    app = github.app()
    app.install(github.there.owner)
    async with github.client(github.as_app(app)) as host:
        assert (await host.repository(github.repo())).full_name == "acme/app"


async def test_an_app_installed_anew_is_found_again(github: Hub) -> None:
    app = github.app()
    old = app.install(github.there.owner)
    async with github.client(github.as_app(app)) as host:
        old.uninstall()
        app.install(github.there.owner)
        assert (await host.repository(github.repo(old))).full_name == "acme/app"


async def test_a_repository_without_the_app_is_not_found(github: Hub) -> None:
    async with github.client(github.as_app(github.app())) as host:
        with pytest.raises(NotFoundError, match="installation of the App"):
            await host.repository(github.repo())


async def test_what_the_app_may_not_is_told_to_the_person(github: Hub) -> None:
    app = github.app(PERMISSIONS | {"actions": "read"})
    installation = app.install(github.there.owner)
    run = github.there.workflow("CI").start()
    run.finish("failure")
    async with github.client(github.as_app(app)) as host:
        with pytest.raises(PermanentError, match="Actions: read and write"):
            await host.rerun(github.repo(installation), RunId(run.id), scope=Scope.ALL, debug=False)


@pytest.mark.parametrize("key", ["no key", "-----BEGIN RSA PRIVATE KEY-----\nAAAA"])
def test_a_file_without_a_key_shows_at_the_start(github: Hub, key: str) -> None:
    with pytest.raises(PermanentError, match="GITHUB_APP_PRIVATE_KEY_FILE"):
        AppCredentials(app_id=1, private_key=key, base_url=github.server.url, now=github.clock.now)


async def findings(github: Hub, credentials: Credentials, *names: str) -> list[tuple[bool, str]]:
    found = await check(
        credentials=credentials,
        base_url=github.server.url,
        clock=github.clock,
        repositories=names,
    )
    return [(finding.ok, finding.text) for finding in found]


async def test_a_good_token_passes_the_check(github: Hub) -> None:
    assert await findings(github, github.as_person(), "acme/app", "acme/*") == [
        (True, "GitHub: The token works; it is smokejumper's."),
        (True, "GitHub: acme/app: reachable, with write access."),
        (True, "GitHub: acme/* is a pattern; a token can't tell what fits it."),
    ]


async def test_a_bad_token_is_one_finding(github: Hub) -> None:
    [(ok, text)] = await findings(github, TokenCredentials("ghp_wrong"), "acme/app")
    assert (ok, "Check GITHUB_TOKEN" in text) == (False, True)


async def test_a_token_that_only_reads_can_not_retry(github: Hub) -> None:
    credentials = github.as_person()
    github.there.grant("smokejumper", "read")
    *_, (ok, text) = await findings(github, credentials, "acme/app")
    assert not ok
    assert "give smokejumper write access" in text


async def test_a_repository_out_of_reach_does_not_hide_the_next(github: Hub) -> None:
    _, gone, there = await findings(github, github.as_person(), "acme/gone", "acme/app")
    assert (gone[0], there[0]) == (False, True)


async def test_what_the_app_lacks_is_named(github: Hub) -> None:
    app = github.app(PERMISSIONS | {"actions": "read"})
    without_checks = {name: level for name, level in PERMISSIONS.items() if name != "checks"}
    app.install(github.there.owner, permissions=without_checks)
    found = await findings(github, github.as_app(app), "acme/*", "other/*")
    assert (True, "GitHub: acme/*: 1 reached.") in found
    wrong = " ".join(text for ok, text in found if not ok)
    assert "The App smokejumper lacks the permission actions: write" in wrong
    assert "The installation for acme lacks the permission checks: read" in wrong
    assert "does not subscribe to create, delete, pull_request, push, repository." in wrong
    assert "other/*: the App is in no such repository" in wrong


async def test_a_suspended_installation_is_named(github: Hub) -> None:
    app = github.app()
    app.install(github.there.owner).suspend()
    found = await findings(github, github.as_app(app), "acme/*")
    assert any("acme is suspended" in text for ok, text in found if not ok)
