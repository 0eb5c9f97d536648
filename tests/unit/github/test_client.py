"""Where GitHub bites: limits, lost answers, renamed repositories, deleted forks, long lists."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from types import FrameType

import pytest

from bot.adapters.github.asking import THREADS
from bot.adapters.github.credentials import TokenCredentials
from bot.domain.errors import BusyError, NotFoundError, OperatorError, TransientError
from bot.domain.ids import RepoId, RunId, WorkflowId
from bot.domain.retry import Scope
from bot.domain.run import Conclusion
from tests.unit.github.hub import PERMISSIONS, Hub, hub

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def github() -> AsyncIterator[Hub]:
    async with hub() as it:
        yield it


@pytest.fixture
def dawdling_threads() -> Iterator[None]:
    """Let other threads in between the two steps in which PyGithub sends a request."""

    def dawdle(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_name == "getresponse":
            time.sleep(0.002)

    threading.setprofile(dawdle)
    yield
    threading.setprofile(None)


@pytest.mark.usefixtures("dawdling_threads")
async def test_each_of_many_threads_gets_its_own_answer(github: Hub) -> None:
    """PyGithub's connection holds one request; shared, a thread would send another's."""
    runs = [github.there.workflow("CI").start() for _ in range(24)]
    async with github.client() as host:
        found = await asyncio.gather(*(host.run(github.repo(), RunId(run.id)) for run in runs))
    assert [run.id for run in found] == [run.id for run in runs]


async def test_deployments_are_not_seen_without_the_right_to(github: Hub) -> None:
    run = github.there.workflow("CI").start()
    rights = {name: level for name, level in PERMISSIONS.items() if name != "deployments"}
    installed = github.app(rights).install(github.there.owner)
    github.there.grant("smokejumper", "write")
    token = github.server.fine_grained_token("smokejumper", rights)
    for credentials, repo in (
        (github.as_app(installed.app), github.repo(installed)),
        (github.as_token(token), github.repo()),
    ):
        async with github.client(credentials) as host:
            asked = await host.run(repo, RunId(run.id))
            with pytest.raises(OperatorError, match="does not let us see deployments of acme/app"):
                await host.deployed(repo, asked)


async def test_deployments_are_read_to_the_last_page(github: Hub) -> None:
    """In which order they come is not promised."""
    ci = github.there.workflow("CI")
    run = ci.start(environments={"build": "production"})
    old = github.there.deployments[0].created_at - timedelta(hours=1)
    github.there.deployments += [
        replace(github.there.deployments[0], id=id, created_at=old) for id in range(100)
    ]
    async with github.client() as host:
        asked = await host.run(github.repo(), RunId(run.id))
        assert await host.deployed(github.repo(), asked)


async def test_a_rerun_is_sent_once_whatever_becomes_of_it(github: Hub) -> None:
    run = github.there.workflow("CI").start()
    run.finish("failure")
    path = f"/repos/acme/app/actions/runs/{run.id}/rerun"
    async with github.client() as host:
        github.server.fail_next("POST", path, status=502)
        with pytest.raises(TransientError):
            await host.rerun(github.repo(), RunId(run.id), scope=Scope.ALL, debug=False)
        assert [asked.path for asked in github.asked if asked.method == "POST"] == [path]

        github.server.cut_next("POST", path, when="after")
        with pytest.raises(TransientError, match="can't be reached"):
            await host.rerun(github.repo(), RunId(run.id), scope=Scope.ALL, debug=False)
    assert github.server.count("rerun", run.id) == 1


async def test_a_rerun_that_would_be_sent_too_late_is_not_sent(github: Hub) -> None:
    """Whoever looks whether it was done would be overtaken, and ask for a second one."""
    run = github.there.workflow("CI").start()
    run.finish("failure")
    github.server.delay_next("GET", "*", timedelta(seconds=1.5), times=THREADS)
    async with github.client(patience=1) as host:
        hanging = [
            asyncio.create_task(host.run(github.repo(), RunId(run.id))) for _ in range(THREADS)
        ]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await host.rerun(github.repo(), RunId(run.id), scope=Scope.ALL, debug=False)
        await asyncio.gather(*hanging, return_exceptions=True)
    assert github.server.count("rerun", run.id) == 0


async def test_debug_logging_and_scope_reach_github(github: Hub) -> None:
    run = github.there.workflow("CI").start(jobs=["build", "test"])
    run.finish_job("build", "failure")
    run.finish("failure")
    async with github.client() as host:
        await host.rerun(github.repo(), RunId(run.id), scope=Scope.FAILED, debug=True)
        jobs = await host.jobs(github.repo(), RunId(run.id))
    assert run.attempt.debug
    assert {job.name: (job.attempt, job.conclusion) for job in jobs} == {
        "build": (2, None),
        "test": (1, Conclusion.SUCCESS),
    }


async def test_a_limit_silences_us_until_it_is_over(github: Hub) -> None:
    run = github.there.workflow("CI").start()
    async with github.client() as host:
        github.server.throttle_next("GET", "*", wait=timedelta(seconds=30))
        with pytest.raises(TransientError) as limited:
            await host.run(github.repo(), RunId(run.id))
        assert limited.value.after == timedelta(seconds=30)

        github.clock.forward(timedelta(seconds=10))
        asked = len(github.asked)
        with pytest.raises(TransientError) as silent:
            await host.run(github.repo(), RunId(run.id))
        assert silent.value.after == timedelta(seconds=20)
        assert len(github.asked) == asked

        github.clock.forward(timedelta(seconds=20))
        assert (await host.run(github.repo(), RunId(run.id))).id == run.id


async def test_a_spent_hour_says_when_the_next_begins(github: Hub) -> None:
    token = github.server.token("smokejumper")
    github.server.exhaust(token)
    async with github.client(TokenCredentials(token)) as host:
        with pytest.raises(TransientError) as limited:
            await host.repository(github.repo())
    assert limited.value.after
    assert MINUTE < limited.value.after <= timedelta(hours=1)


async def test_a_wrong_token_tells_the_operator_what_to_check(github: Hub) -> None:
    async with github.client(TokenCredentials("ghp_wrong")) as host:
        with pytest.raises(OperatorError, match="Check GITHUB_TOKEN"):
            await host.repository(github.repo())


async def test_a_silent_github_is_given_up_in_time(github: Hub) -> None:
    github.server.delay_next("GET", "*", timedelta(seconds=2))
    async with github.client(patience=1) as host:
        with pytest.raises(TransientError, match="can't be reached"):
            await host.repository(github.repo())


async def test_a_renamed_repository_is_still_found(github: Hub) -> None:
    run = github.there.workflow("CI").start()
    run.finish("failure")
    github.there.rename("engine")
    async with github.client() as host:
        assert (await host.repository(github.repo())).full_name == "acme/engine"
        assert (await host.run(github.repo(), RunId(run.id))).id == run.id
        await host.rerun(github.repo(), RunId(run.id), scope=Scope.ALL, debug=False)
    assert github.server.count("rerun", run.id) == 1


async def test_a_matrix_of_150_jobs_is_read_to_its_end(github: Hub) -> None:
    names = [f"build ({number})" for number in range(150)]
    run = github.there.workflow("CI").start(jobs=names)
    async with github.client() as host:
        jobs = await host.jobs(github.repo(), RunId(run.id))
    assert [job.name for job in jobs] == names


@pytest.mark.parametrize("pushed", [20, 21, 40, 150])
async def test_of_many_commits_the_newest_are_told(github: Hub, pushed: int) -> None:
    base = github.there.commit("Base").sha
    shas = [github.there.commit(f"Commit {number}\n\nLong.").sha for number in range(pushed)]
    async with github.client() as host:
        commits = await host.commits(github.repo(), base=base, head=shas[-1])
    assert 10 <= len(commits) <= 20
    assert [commit.sha for commit in commits] == shas[-len(commits) :]
    assert commits[-1].title == f"Commit {pushed - 1}"


async def test_a_pull_request_outlives_its_fork() -> None:
    """Its head then has no repository, which GitHub does and its description leaves out."""
    async with hub(described=False) as github:
        fork = github.server.fork(github.there, "bo")
        fork.commit("Add a feature", branch="feature")
        github.there.open_pull("feature", fork=fork)
        fork.delete()
        async with github.client() as host:
            for head in (RepoId(fork.id), None):
                assert await host.pull_is_open(github.repo(), head_repo=head, branch="feature")
                assert not await host.pull_is_open(github.repo(), head_repo=head, branch="main")


async def test_a_right_is_remembered_for_a_minute_and_no_longer(github: Hub) -> None:
    github.there.grant("alice", "write")
    async with github.client() as host:
        assert await host.may_write(github.repo(), "alice")
        github.there.grant("alice", "read")
        assert await host.may_write(github.repo(), "Alice")
        github.clock.forward(MINUTE)
        assert not await host.may_write(github.repo(), "alice")


async def test_a_triager_may_not_write_and_a_maintainer_may(github: Hub) -> None:
    github.there.grant("tim", "triage")
    github.there.grant("mia", "maintain")
    async with github.client() as host:
        assert not await host.may_write(github.repo(), "tim")
        assert await host.may_write(github.repo(), "mia")


async def test_no_name_reaches_beyond_the_repository(github: Hub) -> None:
    async with github.client() as host:
        assert await host.ref_kind(github.repo(), "../../../../user") is None
        assert not await host.may_write(github.repo(), "..")
    assert github.asked == []


async def test_a_deleted_workflow_is_not_found(github: Hub) -> None:
    async with github.client() as host:
        with pytest.raises(NotFoundError):
            await host.workflow_is_active(github.repo(), WorkflowId(4))
