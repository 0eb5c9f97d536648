"""Deliveries: what is told, how it is signed, and that a lost one stays lost."""

from datetime import timedelta

import pytest
from github import Github, UnknownObjectException

from bot.standins.github import Limits, sign
from tests.standins.github_kit import SECRET, Clock, Receiver, ask, get, running
from tests.vendor_specs import github as spec


def test_signature_is_the_one_in_the_manual() -> None:
    assert sign(SECRET, b"Hello, World!") == (
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    )


async def test_a_run_is_told_from_request_to_end() -> None:
    async with Receiver() as bot, running() as github:
        repo = github.repository("acme/app")
        repo.hook(bot.url, secret=SECRET)
        run = repo.workflow("CI").start(jobs=["build", "test"])
        run.finish_job("build", "failure", failed_step="Push")
        run.finish("failure")
        await github.delivered()

        assert bot.names() == [
            "ping",
            "workflow_run.requested",
            "workflow_job.queued",
            "workflow_job.queued",
            "workflow_run.in_progress",
            "workflow_job.in_progress",
            "workflow_job.in_progress",
            "workflow_job.completed",
            "workflow_job.completed",
            "workflow_run.completed",
        ]
        failed = bot.of("workflow_job")[-2]["workflow_job"]
        assert [(s["name"], s["conclusion"]) for s in failed["steps"]][-2:] == [
            ("Push", "failure"),
            ("Complete job", "success"),
        ]
        first = bot.received[0]
        assert first.headers["User-Agent"].startswith("GitHub-Hookshot/")
        assert first.headers["X-Hub-Signature"] == sign(SECRET, first.body, "sha1")
        assert first.headers["X-GitHub-Hook-Installation-Target-Type"] == "repository"


async def test_a_job_that_deploys_tells_where_to() -> None:
    async with Receiver() as bot, running() as github:
        repo = github.repository("acme/app")
        repo.hook(bot.url, secret=SECRET)
        run = repo.workflow("CI").start(jobs=["build", "deploy"], environments={"deploy": "live"})
        run.finish("failure")
        await github.delivered()

        told = [one for one in bot.of("workflow_job") if one["action"] == "completed"]
        where = {
            one["workflow_job"]["name"]: one.get("deployment", {}).get("environment")
            for one in told
        }
        assert where == {"build": None, "deploy": "live"}
        _, listed = await get(
            github, github.token("ana"), f"/repos/acme/app/deployments?sha={run.sha}"
        )
        assert [one["environment"] for one in listed] == ["live"]


async def test_every_other_event_is_told_as_described() -> None:
    async with Receiver() as bot, running() as github:
        repo = github.repository("acme/app")
        repo.hook(bot.url, secret=SECRET)
        repo.push("work", "Try it")
        pull = repo.open_pull("work")
        pull.push("Try harder")
        repo.enqueue(pull).leave(merged=True)
        pull.reopen()
        repo.release("v1")
        repo.delete_branch("work")
        repo.delete_tag("v1")
        repo.privatize()
        repo.publicize()
        repo.archive()
        repo.rename("app2")
        repo.delete()
        await github.delivered()

        assert bot.names()[1:] == [
            *("create", "push", "pull_request.opened", "push", "pull_request.synchronize"),
            *("merge_group.checks_requested", "merge_group.destroyed", "pull_request.closed"),
            *("pull_request.reopened", "create", "push", "release.published"),
            *("delete", "push", "delete", "push", "repository.privatized"),
            *("repository.publicized", "repository.archived", "repository.renamed"),
            "repository.deleted",
        ]


async def test_a_tag_and_a_branch_push_differ_only_in_the_ref() -> None:
    async with Receiver() as bot, running() as github:
        repo = github.repository("acme/app")
        repo.hook(bot.url, secret=SECRET, events=["push", "create"])
        sha = repo.tag("v1")
        repo.workflow("Release").start(branch="v1").finish()
        await github.delivered()

        assert bot.names() == ["ping", "create", "push"]
        assert bot.of("create")[0]["ref_type"] == "tag"
        assert bot.of("push")[0]["ref"] == "refs/tags/v1"
        assert bot.of("push")[0]["after"] == sha
        assert bot.of("push")[0]["commits"] == []


async def test_a_forks_pull_request_looks_like_main_but_for_its_head_repository() -> None:
    async with Receiver() as bot, running() as github:
        repo = github.repository("acme/app")
        repo.hook(bot.url, secret=SECRET)
        fork = github.fork(repo, "mallory")
        pull = repo.open_pull("main", fork=fork, author="mallory")
        repo.workflow("CI").start(event="pull_request", pull=pull, actor="mallory").finish()
        await github.delivered()

        run = bot.of("workflow_run")[-1]["workflow_run"]
        assert run["head_branch"] == "main"
        assert run["pull_requests"] == []
        assert run["head_repository"]["id"] == fork.id != run["repository"]["id"]

        fork.delete()
        repo.workflow("CI").start(event="pull_request", pull=pull)
        await github.delivered()
        assert bot.of("workflow_run")[-1]["workflow_run"]["head_repository"] is None


async def test_a_failed_delivery_comes_again_only_when_asked_for() -> None:
    async with Receiver() as bot, running() as github:
        repo = github.repository("acme/app")
        repo.grant("ana", "admin")
        hook = repo.hook(bot.url, secret=SECRET)
        await github.delivered()
        bot.status = 500
        repo.push("main")
        await github.delivered()
        github.lose_next("push")
        repo.push("main")
        await github.delivered()
        assert bot.names() == ["ping", "push"]

        def redeliver(client: Github) -> list[tuple[str | None, int | None]]:
            found = client.get_repo("acme/app").get_hook_deliveries(hook.id)
            failed = [one for one in found if one.status != "OK"]
            for one in failed:
                url = f"/repos/acme/app/hooks/{hook.id}/deliveries/{one.id}/attempts"
                client.requester.requestJsonAndCheck("POST", url)
            return [(one.status, one.status_code) for one in failed]

        bot.status = 202
        failed = await ask(github, github.token("ana"), redeliver)
        await github.delivered()

        assert failed == [("failed to connect to host", 0), ("Invalid HTTP Response: 500", 500)]
        guids = [one.headers["X-GitHub-Delivery"] for one in bot.received]
        assert bot.names() == ["ping", "push", "push", "push"]
        assert guids[3] == guids[1] != guids[2]
        assert github.count("redeliver") == 2


async def test_the_log_of_deliveries_has_pages_filters_and_an_end() -> None:
    clock = Clock()
    async with Receiver() as bot, running(clock=clock) as github:
        repo = github.repository("acme/app")
        repo.grant("ana", "admin")
        hook = repo.hook(bot.url, secret=SECRET)
        for _ in range(4):
            repo.push("main")
        await github.delivered()
        token = github.token("ana")
        url = f"/repos/acme/app/hooks/{hook.id}/deliveries"

        headers, body = await get(github, token, f"{url}?per_page=3")
        assert [one["event"] for one in body] == ["push"] * 3
        following = headers["link"].partition(">")[0].removeprefix("<")
        _, rest = await get(github, token, following)
        assert [one["event"] for one in rest] == ["push", "ping"]
        assert (await get(github, token, f"{url}?status=failure"))[1] == []
        clock.forward(timedelta(days=3, seconds=1))
        assert (await get(github, token, url))[1] == []


async def test_an_organization_hears_of_all_its_repositories() -> None:
    async with Receiver() as bot, running() as github:
        hook = github.organization_hook("acme", bot.url, secret=SECRET)
        github.repository("acme/app").push("main")
        github.repository("acme/site").push("main")
        github.repository("other/app").push("main")
        await github.delivered()
        assert bot.names() == ["ping", "push", "push"]
        kinds = {one.headers["X-GitHub-Hook-Installation-Target-Type"] for one in bot.received}
        assert kinds == {"organization"}

        token = github.token("ana", scopes=["admin:org_hook"])
        _, hooks = await get(github, token, "/orgs/acme/hooks")
        assert [(one["id"], one["type"]) for one in hooks] == [(hook.id, "Organization")]
        url = f"/orgs/acme/hooks/{hook.id}/deliveries"
        _, log = await get(github, token, url)
        assert [one["status"] for one in log] == ["OK"] * 3
        with pytest.raises(UnknownObjectException):
            await get(github, github.token("ana"), url)


async def test_only_an_admin_sees_the_hooks() -> None:
    async with running() as github:
        repo = github.repository("acme/app")
        repo.grant("ana", "maintain")
        with pytest.raises(UnknownObjectException):
            await get(github, github.token("ana"), "/repos/acme/app/hooks")
        repo.grant("ana", "admin")
        assert (await get(github, github.token("ana"), "/repos/acme/app/hooks"))[1] == []


async def test_a_wrong_secret_and_a_dead_receiver_fail_the_delivery() -> None:
    async with running() as github:
        repo = github.repository("acme/app")
        async with Receiver(secret="another") as bot:
            refused = repo.hook(bot.url, secret=SECRET)
            await github.delivered()
        dead = repo.hook(bot.url, secret=SECRET)
        await github.delivered()

        assert refused.deliveries[0].status == "Invalid HTTP Response: 401"
        assert dead.deliveries[0].status == "failed to connect to host"


async def test_what_is_too_large_is_not_delivered() -> None:
    async with Receiver() as bot, running(limits=Limits(payload_bytes=20_000)) as github:
        repo = github.repository("acme/app")
        repo.hook(bot.url, secret=SECRET)
        repo.push("main", "x" * 60_000)
        repo.push("main", "small")
        await github.delivered()

        assert [push["head_commit"]["message"] for push in bot.of("push")] == ["small"]


async def test_a_form_hook_sends_the_payload_as_a_field() -> None:
    async with Receiver() as bot, running() as github:
        hook = github.repository("acme/app").hook(bot.url, secret=SECRET)
        hook.content_type = "form"
        await github.delivered()

        assert bot.received[0].headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert bot.received[0].body.startswith(b"payload=%7B")


async def test_the_description_finds_what_is_wrong() -> None:
    """A check that finds nothing proves nothing, so it is given something to find."""
    spec.folder()
    async with Receiver() as bot, running() as github:
        hook = github.repository("acme/app").hook(bot.url, secret=SECRET)
        run = github.repository("acme/app").workflow("CI").start()
        await github.delivered()
        told = next(one for one in hook.deliveries if one.event == "workflow_run")
        shown = told.payload["workflow_run"]
        assert isinstance(shown, dict)
        assert shown["id"] == run.id
        del shown["run_attempt"]

        assert spec.check_delivery(told) == [
            "webhook workflow-run-requested: $.workflow_run 'run_attempt' is a required property"
        ]
