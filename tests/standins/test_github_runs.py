"""Runs over the API: attempts, re-runs and why they are refused."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from github import Github, GithubException
from github.WorkflowRun import WorkflowRun

from bot.standins.github import GitHubServer, Limits, Run
from tests.standins.github_kit import SECRET, Clock, Receiver, ask, get, running


async def post(server: GitHubServer, token: str, path: str, body: object = None) -> str:
    """Post and return what GitHub says of it: nothing, or why not."""

    def send(client: Github) -> str:
        try:
            client.requester.requestJsonAndCheck("POST", path, input=body)
        except GithubException as error:
            return f"{error.status} {error.data['message']}"
        return ""

    return await ask(server, token, send)


def actions(run: Run, tail: str = "") -> str:
    return f"/repos/{run.repository.full_name}/actions/runs/{run.id}{tail}"


def red_run(server: GitHubServer) -> Run:
    """Return a run whose build failed and whose test passed."""
    repo = server.repository("acme/app")
    repo.grant("ana", "write")
    run = repo.workflow("CI").start(jobs=["build", "test"])
    run.finish_job("build", "failure")
    run.finish("failure")
    return run


async def test_failed_jobs_run_again_in_a_new_attempt_that_lists_only_them() -> None:
    async with running() as github:
        run = red_run(github)
        token = github.token("ana")
        first = {job.name: job.id for job in run.latest_jobs()}

        def again(client: Github) -> WorkflowRun:
            found = client.get_repo("acme/app").get_workflow_run(run.id)
            assert found.rerun_failed_jobs()
            return client.get_repo("acme/app").get_workflow_run(run.id)

        seen = await ask(github, token, again)
        assert (seen.id, seen.run_attempt, seen.status) == (run.id, 2, "in_progress")
        assert seen.triggering_actor.login == "ana"

        _, own = await get(github, token, actions(run, "/attempts/2/jobs"))
        _, latest = await get(github, token, actions(run, "/jobs"))
        _, every = await get(github, token, actions(run, "/jobs?filter=all"))
        assert [job["name"] for job in own["jobs"]] == ["build"]
        assert [(job["name"], job["run_attempt"]) for job in latest["jobs"]] == [
            ("build", 2),
            ("test", 1),
        ]
        assert every["total_count"] == 3
        assert own["jobs"][0]["id"] != first["build"]
        _, before = await get(github, token, actions(run, "/attempts/1"))
        assert (before["conclusion"], before["run_attempt"]) == ("failure", 1)


async def test_a_rerun_is_told_without_requested_and_plays_what_was_foreseen() -> None:
    async with Receiver() as bot, running() as github:
        run = red_run(github)
        run.next_attempt("failure", jobs={"build": b"broken again\n"}, failed_step="Push")
        run.next_attempt("success", after=timedelta(milliseconds=1))
        run.repository.hook(bot.url, secret=SECRET, events=["workflow_run"])

        assert await post(github, github.token("ana"), actions(run, "/rerun")) == ""
        assert (run.status, run.conclusion, len(run.attempt.jobs)) == ("completed", "failure", 2)
        assert run.job("build").log == b"broken again\n"
        assert await post(github, github.token("ana"), actions(run, "/rerun-failed-jobs")) == ""
        await github.played()
        await github.delivered()

        assert bot.names()[1:] == [
            "workflow_run.in_progress",
            "workflow_run.completed",
            "workflow_run.in_progress",
            "workflow_run.completed",
        ]
        assert run.conclusion == "success"


async def test_one_job_runs_again_with_debug_logging() -> None:
    async with running() as github:
        run = red_run(github)
        job = run.job("test")
        path = f"/repos/acme/app/actions/jobs/{job.id}/rerun"

        assert await post(github, github.token("ana"), path, {"enable_debug_logging": True}) == ""
        assert [one.name for one in run.attempt.jobs] == ["test"]
        assert run.attempt.debug
        assert github.count("rerun-job", job.id) == 1


async def test_a_double_click_is_one_rerun() -> None:
    async with running() as github:
        run = red_run(github)
        token = github.token("ana")
        answers = [await post(github, token, actions(run, "/rerun")) for _ in range(2)]

        assert answers == ["", "403 This workflow is already running"]
        assert github.count("rerun", run.id) == 1


def grows_old(clock: Clock, run: Run) -> None:
    clock.forward(timedelta(days=30, seconds=1))
    assert run.status == "completed"


def is_dynamic(_: Clock, run: Run) -> None:
    run.can_be_retried = False


def is_used_up(_: Clock, run: Run) -> None:
    for _number in range(2):
        run.rerun(run.actor)
        run.finish("failure")


@pytest.mark.parametrize(
    ("becomes", "answer"),
    [
        pytest.param(
            grows_old,
            "403 Unable to retry this workflow run because it was created over a month ago",
            id="too-old",
        ),
        pytest.param(is_dynamic, "403 This workflow run cannot be retried", id="dynamic"),
        pytest.param(is_used_up, "403 This workflow run cannot be retried", id="used-up"),
    ],
)
async def test_a_rerun_is_refused(becomes: Callable[[Clock, Run], None], answer: str) -> None:
    clock = Clock()
    async with running(clock=clock, limits=Limits(reruns=2)) as github:
        run = red_run(github)
        becomes(clock, run)
        attempts = len(run.attempts)

        assert await post(github, github.token("ana"), actions(run, "/rerun")) == answer
        assert len(run.attempts) == attempts
        assert github.count("rerun") == 0


async def test_a_green_run_has_no_failed_jobs_to_run_again() -> None:
    async with running() as github:
        run = github.repository("acme/app").workflow("CI").start()
        run.finish()
        github.repository("acme/app").grant("ana", "write")
        answer = await post(github, github.token("ana"), actions(run, "/rerun-failed-jobs"))

        assert answer == "403 This workflow run cannot be retried"


async def test_who_may_not_write_may_not_rerun() -> None:
    async with running() as github:
        run = red_run(github)
        weak = github.fine_grained_token("ana", {"actions": "read"})

        assert await post(github, github.token("bo"), actions(run, "/rerun")) == (
            "403 Must have admin rights to Repository."
        )
        assert await post(github, weak, actions(run, "/rerun")) == (
            "403 Resource not accessible by personal access token"
        )


async def test_a_run_is_cancelled_once() -> None:
    async with running() as github:
        repo = github.repository("acme/app")
        repo.grant("ana", "write")
        run = repo.workflow("CI").start(jobs=["build", "test"])
        token = github.token("ana")
        answers = [await post(github, token, actions(run, "/cancel")) for _ in range(2)]

        assert answers == ["", "409 Cannot cancel a workflow run that is completed."]
        assert [job.conclusion for job in run.latest_jobs()] == ["cancelled", "cancelled"]


async def test_lists_are_filtered_newest_first_and_paged() -> None:
    async with running() as github:
        repo = github.repository("acme/app")
        repo.push("work")
        ci = repo.workflow("CI")
        for branch in ("main", "work", "main"):
            ci.start(branch=branch).finish("failure" if branch == "work" else "success")
        nightly = repo.workflow("Nightly").start(event="schedule")
        token = github.token("ana")

        def look(client: Github) -> list[list[int]]:
            found = client.get_repo("acme/app")
            by = found.get_workflow(ci.id)
            return [
                [run.run_number for run in by.get_runs()],
                [run.run_number for run in by.get_runs(branch="work", status="failure")],
                [run.id for run in found.get_workflow_runs(event="schedule")],
                [run.id for run in found.get_workflow_runs(status="in_progress")],
                [run.id for run in found.get_workflow_runs(created="<2020-01-01")],
            ]

        assert await ask(github, token, look) == [[3, 2, 1], [2], [nightly.id], [nightly.id], []]
        headers, page = await get(github, token, "/repos/acme/app/actions/runs?per_page=3")
        assert (page["total_count"], len(page["workflow_runs"])) == (4, 3)
        assert headers["link"].endswith('page=2>; rel="last"')


async def test_a_moved_workflow_counts_from_one_under_a_new_id() -> None:
    async with running() as github:
        repo = github.repository("acme/app")
        before = repo.workflow("CI")
        before.start().finish()
        after = before.move(".github/workflows/build.yml")
        token = github.token("ana")

        def look(client: Github) -> tuple[str, list[int]]:
            found = client.get_repo("acme/app")
            return found.get_workflow(before.id).state, [w.id for w in found.get_workflows()]

        assert await ask(github, token, look) == ("deleted", [after.id])
        assert after.start().run_number == 1


async def test_the_api_may_lag_behind_the_webhook() -> None:
    clock = Clock()
    async with running(clock=clock, limits=Limits(api_lag=timedelta(seconds=5))) as github:
        run = red_run(github)
        token = github.token("ana")
        assert await post(github, token, actions(run, "/rerun")) == "404 Not Found"
        clock.forward(timedelta(seconds=5))
        assert await post(github, token, actions(run, "/rerun")) == ""
