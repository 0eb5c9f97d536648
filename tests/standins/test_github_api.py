"""The rest of the API, and its manners: who is let in, how often, and how it fails."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest
import requests
from github import BadCredentialsException, Github, GithubException, RateLimitExceededException

from bot.standins.github import GitHubServer, Limits
from tests.standins.github_kit import Clock, ask, get, running


async def status(server: GitHubServer, token: str, path: str) -> int:
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
        session.get(server.url + path) as response,
    ):
        return response.status


async def test_branches_tags_commits_and_comparisons_agree() -> None:
    async with running() as github:
        repo = github.repository("acme/app")
        old = repo.tag("v1")
        new = repo.push("main", "Bump elixir", "Fix it", author="bo")
        repo.push("feature/x", "Try")

        def look(client: Github) -> list[object]:
            found = client.get_repo("acme/app")
            compared = found.compare(old, "main")
            return [
                found.get_branch("feature/x").name,
                found.get_git_ref("tags/v1").object.sha,
                [ref.ref for ref in found.get_git_matching_refs("heads/f")],
                found.get_commit("v1").sha,
                found.get_commit(new.sha[:9]).commit.message,
                compared.status,
                [(c.author.login, c.commit.message) for c in compared.commits],
                found.compare("main", "v1").status,
                found.compare("main", "main").status,
            ]

        assert await ask(github, github.token("ana"), look) == [
            "feature/x",
            old,
            ["refs/heads/feature/x"],
            old,
            "Fix it",
            "ahead",
            [("bo", "Bump elixir"), ("bo", "Fix it")],
            "behind",
            "identical",
        ]
        for path, words in (
            ("branches/v1", "Branch not found"),
            ("git/ref/heads/v1", "Not Found"),
            ("commits/nothing", "No commit found for SHA: nothing"),
        ):
            with pytest.raises(GithubException, match=words):
                await get(github, github.token("ana"), f"/repos/acme/app/{path}")


async def test_pull_requests_are_found_by_number_and_head() -> None:
    async with running() as github:
        repo = github.repository("acme/app")
        repo.push("fix")
        mine = repo.open_pull("fix")
        theirs = repo.open_pull("main", fork=github.fork(repo, "mallory"), author="mallory")
        mine.close(merged=True)

        def look(client: Github) -> list[object]:
            found = client.get_repo("acme/app")
            return [
                found.get_pull(mine.number).merged,
                [pull.number for pull in found.get_pulls()],
                [pull.number for pull in found.get_pulls(state="all", head="acme:fix")],
                [pull.number for pull in found.get_pulls(head="mallory:main")],
            ]

        seen = await ask(github, github.token("ana"), look)
        assert seen == [True, [theirs.number], [mine.number], [theirs.number]]


async def test_roles_are_told_in_both_of_githubs_ways() -> None:
    async with running() as github:
        repo = github.repository("acme/app")
        repo.grant("ana", "admin")
        repo.grant("mo", "maintain")
        github.user("bo")
        token = github.token("ana")
        path = "/repos/acme/app/collaborators/{}/permission"

        async def role(login: str) -> tuple[str, str]:
            _, found = await get(github, token, path.format(login))
            return found["permission"], found["role_name"]

        assert await role("ana") == ("admin", "admin")
        assert await role("mo") == ("write", "maintain")
        assert await role("bo") == ("read", "read")
        repo.privatize()
        assert await role("bo") == ("none", "none")
        with pytest.raises(GithubException, match="nobody is not a user"):
            await role("nobody")


async def test_a_release_is_found_by_its_tag() -> None:
    async with running() as github:
        github.repository("acme/app").release("v2024.8.6", prerelease=True)

        def look(client: Github) -> tuple[str, bool]:
            found = client.get_repo("acme/app").get_release("v2024.8.6")
            return found.tag_name, found.prerelease

        assert await ask(github, github.token("ana"), look) == ("v2024.8.6", True)


async def test_a_renamed_repository_is_found_by_its_old_name_and_by_id() -> None:
    async with running() as github:
        repo = github.repository("acme/app")
        repo.workflow("CI").start()
        repo.rename("app2")

        def look(client: Github) -> list[object]:
            old = client.get_repo("acme/app")
            return [old.full_name, client.get_repo(repo.id).id, old.get_workflow_runs().totalCount]

        assert await ask(github, github.token("ana"), look) == ["acme/app2", repo.id, 1]
        repo.delete()
        assert await status(github, github.token("ana"), f"/repositories/{repo.id}") == 404


async def test_a_private_repository_is_not_there_for_others() -> None:
    async with running() as github:
        repo = github.repository("acme/app", private=True)
        repo.grant("ana", "read")

        assert await status(github, github.token("ana"), "/repos/acme/app") == 200
        assert await status(github, github.token("ana", scopes=()), "/repos/acme/app") == 404
        assert await status(github, github.token("bo"), "/repos/acme/app") == 404


async def test_a_wrong_token_is_401_and_no_agent_403() -> None:
    async with running() as github:
        github.repository("acme/app")
        with pytest.raises(BadCredentialsException):
            await get(github, "ghp_wrong", "/user")
        async with (
            aiohttp.ClientSession(skip_auto_headers=["User-Agent"]) as session,
            session.get(f"{github.url}/repos/acme/app") as response,
        ):
            assert response.status == 403
            assert "User-Agent" in await response.text()


async def test_a_token_says_its_scopes_and_what_is_left() -> None:
    async with running() as github:
        headers, me = await get(github, github.token("ana", scopes=["repo", "read:org"]), "/user")

        assert me["login"] == "ana"
        assert headers["x-oauth-scopes"] == "repo, read:org"
        assert headers["x-ratelimit-limit"] == "5000"
        assert headers["x-ratelimit-remaining"] == "4999"
        assert headers["x-github-request-id"]


async def test_what_has_not_changed_costs_nothing() -> None:
    async with running() as github:
        github.repository("acme/app").workflow("CI")
        token = github.token("ana")
        path = "/repos/acme/app/actions/workflows"
        headers = {"Authorization": f"token {token}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            async with session.get(github.url + path) as first:
                tag = first.headers["ETag"]
            async with session.get(github.url + path, headers={"If-None-Match": tag}) as same:
                assert same.status == 304
                assert same.headers["X-RateLimit-Used"] == "1"
            github.repository("acme/app").workflow("Nightly")
            async with session.get(github.url + path, headers={"If-None-Match": tag}) as changed:
                assert changed.status == 200


async def test_the_hour_ends_and_begins_anew() -> None:
    clock = Clock()
    async with running(clock=clock, limits=Limits(requests_an_hour=2)) as github:
        github.repository("acme/app")
        token = github.token("ana")
        for _ in range(2):
            await get(github, token, "/repos/acme/app")
        with pytest.raises(RateLimitExceededException, match="API rate limit exceeded for user"):
            await get(github, token, "/repos/acme/app")
        _, left = await get(github, token, "/rate_limit")
        assert left["rate"]["remaining"] == 0
        clock.forward(timedelta(hours=1))
        await get(github, token, "/repos/acme/app")
        github.exhaust(token)
        with pytest.raises(RateLimitExceededException):
            await get(github, token, "/repos/acme/app")


async def test_the_secondary_limit_counts_points() -> None:
    clock = Clock()
    async with running(clock=clock, limits=Limits(points_a_minute=6)) as github:
        run = github.repository("acme/app").workflow("CI").start()
        run.finish("failure")
        github.repository("acme/app").grant("ana", "write")
        token = github.token("ana")
        path = f"{github.url}/repos/acme/app/actions/runs/{run.id}/rerun"
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            answers = []
            for _ in range(2):
                async with session.post(path) as response:
                    answers.append((response.status, response.headers.get("Retry-After")))
            assert answers == [(201, None), (403, "60")]
            clock.forward(timedelta(seconds=61))
            async with session.post(path) as response:
                assert (await response.json())["message"] == "This workflow is already running"


async def test_too_many_at_once_are_refused() -> None:
    async with running(limits=Limits(requests_at_once=1)) as github:
        token = github.token("ana")
        github.delay_next("GET", "/user", timedelta(milliseconds=100))
        answers = await asyncio.gather(*[status(github, token, "/user") for _ in range(2)])

        assert sorted(answers) == [200, 403]


async def test_faults_strike_the_requests_they_name() -> None:
    async with running() as github:
        github.repository("acme/app")
        token = github.token("ana")
        github.fail_next("GET", "/repos/*", status=502, times=2)
        github.throttle_next("GET", "/user", wait=timedelta(seconds=7))

        statuses = [await status(github, token, "/repos/acme/app") for _ in range(3)]
        assert statuses == [502, 502, 200]
        with pytest.raises(RateLimitExceededException) as limited:
            await get(github, token, "/user")
        assert limited.value.headers is not None
        assert limited.value.headers["retry-after"] == "7"
        github.delay_next("GET", "/user", timedelta(milliseconds=5))
        assert await status(github, token, "/user") == 200
        github.down = True
        assert await status(github, token, "/user") == 503
        github.down, github.faults.unreachable = False, True
        with pytest.raises(requests.ConnectionError):
            await get(github, token, "/user")


@pytest.mark.parametrize(("when", "reruns"), [("before", 0), ("after", 1)])
async def test_a_cut_connection_hides_whether_the_act_was_done(when: str, reruns: int) -> None:
    async with running() as github:
        repo = github.repository("acme/app")
        repo.grant("ana", "write")
        run = repo.workflow("CI").start()
        run.finish("failure")
        github.cut_next("POST", "*/rerun", when="after" if when == "after" else "before")

        def press(client: Github) -> None:
            client.get_repo("acme/app").get_workflow_run(run.id).rerun()

        with pytest.raises(requests.ConnectionError):
            await ask(github, github.token("ana"), press)
        assert github.count("rerun", run.id) == reruns


async def test_nonsense_is_answered_in_github_s_words() -> None:
    async with running() as github:
        repo = github.repository("acme/app")
        repo.grant("ana", "write")
        run = repo.workflow("CI").start()
        run.finish("failure")
        path = f"{github.url}/repos/acme/app/actions/runs/{run.id}/rerun"
        headers = {"Authorization": f"Bearer {github.token('ana')}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            async with session.post(path, data=b"{") as response:
                assert response.status == 400
                assert (await response.json())["message"] == "Problems parsing JSON"
            async with session.get(f"{github.url}/nothing/here") as response:
                assert response.status == 404
                assert response.content_type == "application/json"
