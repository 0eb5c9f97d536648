"""Finding out what was not told: lists of runs, reached repositories, logs of webhooks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.errors import NotFoundError, OperatorError, PermanentError
from bot.domain.hearing import Hook
from bot.domain.ids import InstallationId
from bot.standins.github.faults import Fault
from tests.unit.github.hub import hub

EVERYWHERE = ["acme/*"]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def test_an_app_reaches_what_it_is_installed_in() -> None:
    async with hub() as it:
        app = it.app()
        it.server.repository("acme/site")
        acme = app.install(it.server.user("acme"))
        other = app.install(it.server.user("other"))
        it.server.repository("other/app")
        async with it.client(it.as_app(app)) as host:
            found = await host.reachable(["*/app"], installations=frozenset())
            assert {(repo.full_name, repo.installation) for repo in found} == {
                ("acme/app", acme.id),
                ("other/app", other.id),
            }
            ours = frozenset({InstallationId(acme.id)})
            named = await host.reachable(["*/*"], installations=ours)
            assert {repo.full_name for repo in named} == {"acme/app", "acme/site"}
            acme.suspend()
            assert not await host.reachable(EVERYWHERE, installations=frozenset())


async def test_an_installation_that_is_refused_hides_no_other() -> None:
    """It may have been removed since it was listed."""
    async with hub(described=False) as it:
        app = it.app()
        gone = app.install(it.server.user("acme"))
        app.install(it.server.user("other"))
        it.server.repository("other/app")
        refused = Fault(status=404, path=f"*/{gone.id}/access_tokens", method="POST", times=2)
        it.server.faults.add(refused)
        async with it.client(it.as_app(app)) as host:
            found = await host.reachable(["*/*"], installations=frozenset())
            assert [repo.full_name for repo in found] == ["other/app"]
            alone = frozenset({InstallationId(gone.id)})
            with pytest.raises(NotFoundError):
                await host.reachable(["*/*"], installations=alone)


async def test_a_repository_that_is_blocked_hides_no_other_hook() -> None:
    async with hub(described=False) as it:
        site = it.server.repository("acme/site")
        hook = site.hook("http://127.0.0.1:9/github", secret="secret")
        await it.server.delivered()
        for there in (it.there, site):
            there.grant("smokejumper", "admin")
        blocked = Fault(status=451, path="/repos/acme/app/hooks", method="GET", times=2)
        it.server.faults.add(blocked)
        token = it.server.token("smokejumper")
        async with it.client(it.as_token(token)) as host:
            both = [it.repo(), replace(it.repo(), full_name="acme/site")]
            (found,) = await host.hooks(both)
            assert found.name == f"acme/site/{hook.id}"
            with pytest.raises(PermanentError, match="451"):
                await host.hooks([it.repo()])


async def test_an_app_reads_the_log_of_its_own_hook() -> None:
    async with hub() as it:
        app = it.app()
        app.install(it.server.user("acme"))
        hook = app.send_to("http://127.0.0.1:9/github", secret="secret")
        it.there.workflow("CI").start(jobs=["build"])
        await it.server.delivered()
        async with it.client(it.as_app(app)) as host:
            (found,) = await host.hooks([])
            log = await host.logged(found, since=LONG_AGO, failed=True)
            assert {(one.event, one.repo) for one in log} == {
                ("ping", None),
                ("workflow_run", it.there.id),
                ("workflow_job", it.there.id),
            }
            assert {one.status for one in log} == {0}
            await host.redeliver(found, log[0])
            await it.server.delivered()
            assert hook.deliveries[-1].guid == log[0].id
            again = await host.logged(found, since=LONG_AGO, failed=True)
            assert again[0].again


async def test_a_hook_of_an_organization_is_found_by_where_it_leads() -> None:
    async with hub() as it:
        hook = it.server.organization_hook("acme", "http://127.0.0.1:9/github", secret="secret")
        it.server.organization_hook("acme", "http://127.0.0.1:9/jenkins", secret="secret")
        await it.server.delivered()
        token = it.server.token("smokejumper", scopes=["repo", "admin:org_hook"])
        it.there.grant("smokejumper", "write")
        async with it.client(it.as_token(token)) as host:
            (found,) = await host.hooks([it.repo()])
            assert (found.name, found.certain) == (f"acme/{hook.id}", False)
            (ping,) = await host.logged(found, since=LONG_AGO, failed=False)
            assert ping.event == "ping"


async def test_who_may_read_no_hook_is_told_what_to_do() -> None:
    async with hub() as it, it.client() as host:
        with pytest.raises(OperatorError, match="Webhooks"):
            await host.hooks([it.repo()])


async def test_a_hook_that_settings_name_is_not_looked_for() -> None:
    async with hub() as it, it.client() as host:
        assert await host.hooks([it.repo()], named="acme/app/7") == [Hook(name="acme/app/7")]
        assert it.asked == []
        with pytest.raises(NotFoundError):
            await host.logged(Hook(name="acme/app/7"), since=LONG_AGO, failed=True)
        with pytest.raises(PermanentError, match="names no webhook"):
            await host.logged(Hook(name="acme"), since=LONG_AGO, failed=True)


async def test_a_list_is_read_on_until_the_runs_are_old_enough() -> None:
    async with hub() as it, it.client() as host:
        ci = it.there.workflow("CI")
        runs = [ci.start(jobs=["build"]) for _ in range(150)]
        for run in runs[:120]:
            run.created_at -= timedelta(hours=2)
        few = await host.runs_since(it.repo(), since=runs[-1].created_at)
        assert few
        assert len(few.runs) == 100
        many = await host.runs_since(it.repo(), since=LONG_AGO)
        assert many
        assert [run.id for run in many.runs] == [run.id for run in reversed(runs)]


async def test_an_unchanged_list_is_free() -> None:
    async with hub() as it, it.client() as host:
        it.there.workflow("CI").start(jobs=["build"])
        listed = await host.runs_since(it.repo(), since=LONG_AGO)
        assert listed
        for _ in range(3):
            assert await host.runs_since(it.repo(), since=LONG_AGO, etag=listed.etag) is None
        left = [one.headers["X-RateLimit-Remaining"] for one in it.asked]
        assert len(set(left)) == 1


async def test_a_renamed_repository_is_still_listed() -> None:
    async with hub() as it, it.client() as host:
        run = it.there.workflow("CI").start(jobs=["build"])
        there = it.repo()
        it.there.rename("renamed")
        listed = await host.runs_since(there, since=LONG_AGO)
        assert listed
        assert [one.id for one in listed.runs] == [run.id]
