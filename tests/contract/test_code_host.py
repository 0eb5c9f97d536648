"""What every code host promises, whether it is GitHub or only plays it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.errors import (
    AlreadyRunningError,
    NotFoundError,
    RefusedError,
    TransientError,
)
from bot.domain.ids import JobId, RepoId, RunId
from bot.domain.lane import RefKind
from bot.domain.retry import Scope
from bot.domain.run import Conclusion, Status
from tests.contract.code_host_stages import STAGES, Stage

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(params=sorted(STAGES))
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with STAGES[request.param]() as stage:
        yield stage


async def job_of(stage: Stage, run: RunId, name: str = "build") -> JobId:
    jobs = await stage.host.jobs(stage.repo, run)
    return next(job.id for job in jobs if job.name == name)


async def log_of(stage: Stage, job: JobId) -> bytes:
    async with stage.host.job_log(stage.repo, job) as blocks:
        return b"".join([block async for block in blocks])


async def test_a_run_and_its_jobs_are_read(stage: Stage) -> None:
    id = stage.failed()

    run = await stage.host.run(stage.repo, id)
    jobs = await stage.host.jobs(stage.repo, id)

    assert (run.id, run.attempt, run.repo, run.workflow_name) == (id, 1, stage.repo.id, "CI")
    assert (run.status, run.red, run.from_fork) == (Status.COMPLETED, True, False)
    assert {job.name: job.conclusion for job in jobs} == {
        "build": Conclusion.FAILURE,
        "test": Conclusion.SUCCESS,
    }


async def test_a_run_deploys_if_its_commit_was_deployed_since_it_began(stage: Stage) -> None:
    long_ago = await stage.host.run(stage.repo, stage.deploys(ago=timedelta(hours=2)))
    assert await stage.host.deployed(stage.repo, long_ago)
    run = await stage.host.run(stage.repo, stage.failed())
    assert not await stage.host.deployed(stage.repo, run)
    run = await stage.host.run(stage.repo, stage.deploys())
    assert await stage.host.deployed(stage.repo, run)
    assert not await stage.host.deployed(stage.repo, replace(run, sha="f" * 40))


async def test_a_rerun_is_a_new_attempt_of_the_same_run(stage: Stage) -> None:
    id = stage.failed()
    await stage.host.rerun(stage.repo, id, scope=Scope.FAILED, debug=False)
    run = await stage.host.run(stage.repo, id)
    assert (run.id, run.attempt, run.status) == (id, 2, Status.RUNNING)


async def test_the_second_of_two_reruns_hears_that_it_runs_already(stage: Stage) -> None:
    id = stage.failed()
    await stage.host.rerun(stage.repo, id, scope=Scope.ALL, debug=True)
    with pytest.raises(AlreadyRunningError):
        await stage.host.rerun(stage.repo, id, scope=Scope.ALL, debug=True)


async def test_a_running_run_is_not_run_again(stage: Stage) -> None:
    with pytest.raises(AlreadyRunningError):
        await stage.host.rerun(stage.repo, stage.running(), scope=Scope.FAILED, debug=False)


async def test_a_refused_rerun_says_why_in_a_sentence(stage: Stage) -> None:
    id = stage.failed()
    stage.refuse_reruns()
    with pytest.raises(RefusedError, match=r"can't re-run this run.*\."):
        await stage.host.rerun(stage.repo, id, scope=Scope.FAILED, debug=False)
    assert (await stage.host.run(stage.repo, id)).attempt == 1


async def test_a_log_comes_whole_and_byte_by_byte(stage: Stage) -> None:
    log = b"\xef\xbb\xbf" + b"\xff\x00 line\r\n" * 40_000
    id = stage.failed(log=log)
    assert await log_of(stage, await job_of(stage, id)) == log


async def test_an_empty_log_is_a_log(stage: Stage) -> None:
    id = stage.failed(log=b"")
    assert await log_of(stage, await job_of(stage, id)) == b""


async def test_annotations_stand_beside_a_job(stage: Stage) -> None:
    id = stage.failed(note="The runner was lost")
    notes = await stage.host.annotations(stage.repo, await job_of(stage, id))
    assert [note.message for note in notes] == ["The runner was lost"]


async def test_commits_after_the_base_come_oldest_first(stage: Stage) -> None:
    base, *later = [stage.commit(f"Commit {number}") for number in range(4)]
    commits = await stage.host.commits(stage.repo, base=base, head=later[-1])
    assert [commit.sha for commit in commits] == later
    assert [commit.title for commit in commits] == ["Commit 1", "Commit 2", "Commit 3"]


async def test_no_way_between_commits_is_not_found(stage: Stage) -> None:
    with pytest.raises(NotFoundError):
        await stage.host.commits(stage.repo, base="f" * 40, head="e" * 40)


async def test_a_name_is_a_branch_or_a_tag_or_gone(stage: Stage) -> None:
    stage.branch("fix/#1 100%")
    stage.tag("v1.0.0")
    stage.branch("both")
    stage.tag("both")
    kinds = [
        await stage.host.ref_kind(stage.repo, name)
        for name in ("fix/#1 100%", "v1.0.0", "both", "gone", "v1")
    ]
    assert kinds == [RefKind.BRANCH, RefKind.TAG, RefKind.TAG, None, None]


async def test_a_pull_request_of_a_fork_is_open_until_it_is_closed(stage: Stage) -> None:
    fork = stage.open_pull("main")

    async def is_open(branch: str = "main") -> bool:
        return await stage.host.pull_is_open(stage.repo, head_repo=fork, branch=branch)

    assert await is_open()
    assert not await is_open("other")
    assert not await stage.host.pull_is_open(stage.repo, head_repo=stage.repo.id, branch="main")
    stage.close_pulls()
    assert not await is_open()


async def test_a_disabled_workflow_is_not_active(stage: Stage) -> None:
    assert await stage.host.workflow_is_active(stage.repo, stage.workflow())
    stage.disable_workflow()
    assert not await stage.host.workflow_is_active(stage.repo, stage.workflow())


async def test_only_writers_may_write(stage: Stage) -> None:
    stage.grant_write("alice")
    assert await stage.host.may_write(stage.repo, "alice")
    assert not await stage.host.may_write(stage.repo, "mallory")


async def test_a_repository_is_found_by_its_id(stage: Stage) -> None:
    found = await stage.host.repository(stage.repo)
    assert (found.id, found.full_name, found.private) == (stage.repo.id, "acme/app", True)


async def test_what_is_not_there_is_not_found(stage: Stage) -> None:
    with pytest.raises(NotFoundError):
        await stage.host.run(stage.repo, RunId(4))
    with pytest.raises(NotFoundError):
        await stage.host.jobs(stage.repo, RunId(4))
    with pytest.raises(NotFoundError):
        await log_of(stage, JobId(4))
    with pytest.raises(NotFoundError):
        await stage.host.rerun(stage.repo, RunId(4), scope=Scope.ALL, debug=False)


async def test_what_ran_under_the_name_of_another_repository_is_not_found(stage: Stage) -> None:
    id = stage.failed()
    gone = replace(stage.repo, id=RepoId(4))
    with pytest.raises(NotFoundError, match="acme/app"):
        await stage.host.runs_since(gone, since=LONG_AGO)
    with pytest.raises(NotFoundError):
        await stage.host.run(gone, id)


async def test_a_list_that_has_not_changed_is_not_told_again(stage: Stage) -> None:
    id = stage.failed()
    first = await stage.host.runs_since(stage.repo, since=LONG_AGO)
    assert first
    assert [run.id for run in first.runs] == [id]
    assert await stage.host.runs_since(stage.repo, since=LONG_AGO, etag=first.etag) is None
    await stage.host.rerun(stage.repo, id, scope=Scope.ALL, debug=False)
    again = await stage.host.runs_since(stage.repo, since=LONG_AGO, etag=first.etag)
    assert again
    assert [(run.id, run.attempt) for run in again.runs] == [(id, 2)]


async def test_the_newest_runs_come_first(stage: Stage) -> None:
    ids = [stage.failed(), stage.running(), stage.failed()]
    listed = await stage.host.runs_since(stage.repo, since=LONG_AGO)
    assert listed
    assert [run.id for run in listed.runs] == ids[::-1]


async def test_what_is_reached_is_found_by_name_and_by_pattern(stage: Stage) -> None:
    for patterns in (["acme/app"], ["acme/*"], ["acme/app", "*/*"]):
        found = await stage.host.reachable(patterns, installations=frozenset())
        assert [(repo.id, repo.full_name, repo.private) for repo in found] == [
            (stage.repo.id, "acme/app", True)
        ]
    assert not await stage.host.reachable(["acme/none"], installations=frozenset())
    assert not await stage.host.reachable(["other/*"], installations=frozenset())


async def test_a_lost_delivery_is_logged_read_and_sent_again(stage: Stage) -> None:
    lost = stage.lose()
    await stage.told()
    (hook,) = await stage.host.hooks([stage.repo])
    (one,) = await stage.host.logged(hook, since=LONG_AGO, failed=True)
    assert (one.id, one.event, one.arrived, one.again) == (lost, "ping", False, False)
    assert await stage.host.logged(hook, since=LONG_AGO, failed=False) == [one]
    assert not await stage.host.logged(hook, since=one.at + timedelta(seconds=1), failed=True)
    body = await stage.host.logged_delivery(hook, one)
    assert (body.id, body.event, body.repo) == (lost, "ping", stage.repo.id)
    assert b"zen" in body.body
    await stage.host.redeliver(hook, one)
    await stage.told()
    assert stage.redelivered() == [lost]


async def test_when_it_is_down_everything_may_be_tried_again(stage: Stage) -> None:
    id = stage.failed()
    job = await job_of(stage, id)
    stage.go_down()
    with pytest.raises(TransientError):
        await stage.host.run(stage.repo, id)
    with pytest.raises(TransientError):
        await log_of(stage, job)
    with pytest.raises(TransientError):
        await stage.host.rerun(stage.repo, id, scope=Scope.ALL, debug=False)
