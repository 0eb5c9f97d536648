"""A GitHub App: its JWT, its installations, their tokens and what those may do."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from github import Auth, Github, GithubException, GithubIntegration

from bot.standins.github import GitHubServer
from bot.standins.github.apps import App
from tests.standins.github_kit import CI_PERMISSIONS, SECRET, Clock, Receiver, ask, running

T = TypeVar("T")
EVENTS = ["workflow_run", "workflow_job", "push"]


def make_app(server: GitHubServer) -> App:
    return server.app("smokejumper", permissions=CI_PERMISSIONS, events=EVENTS)


async def as_app(server: GitHubServer, app: App, question: Callable[[GithubIntegration], T]) -> T:
    def inside() -> T:
        auth = Auth.AppAuth(app.id, app.private_key)
        with GithubIntegration(
            auth=auth, base_url=server.url, retry=None, seconds_between_requests=None
        ) as client:
            return question(client)

    return await asyncio.to_thread(inside)


async def refusal(server: GitHubServer, token: str, path: str, method: str = "GET") -> str:
    """Return GitHub's words, or nothing if it has none."""

    def send(client: Github) -> str:
        try:
            client.requester.requestJsonAndCheck(method, path)
        except GithubException as error:
            return f"{error.status} {error.data['message']}"
        return ""

    return await ask(server, token, send)


async def test_an_installation_token_reads_and_reruns_as_the_bot() -> None:
    async with running() as github:
        repo = github.repository("acme/app", private=True)
        app = make_app(github)
        installed = app.install(repo.owner)
        run = repo.workflow("CI").start()
        run.finish("failure")

        def find(client: GithubIntegration) -> tuple[int, str]:
            found = client.get_repo_installation("acme", "app")
            assert client.get_app().slug == "smokejumper"
            assert [one.id for one in client.get_installations()] == [found.id]
            assert client.get_app_installation(found.id).permissions == CI_PERMISSIONS
            return found.id, client.get_access_token(found.id).token

        number, token = await as_app(github, app, find)
        assert number == installed.id
        assert token.startswith("ghs_")
        assert (
            await refusal(github, token, f"/repos/acme/app/actions/runs/{run.id}/rerun", "POST")
            == ""
        )
        assert run.attempt.actor.login == "smokejumper[bot]"
        assert run.attempt.actor.kind == "Bot"
        names = await ask(
            github,
            token,
            lambda client: client.requester.requestJsonAndCheck(
                "GET", "/installation/repositories"
            ),
        )
        assert [one["full_name"] for one in names[1]["repositories"]] == ["acme/app"]


async def test_a_token_lives_an_hour() -> None:
    clock = Clock()
    async with running(clock=clock) as github:
        github.repository("acme/app")
        app = make_app(github)
        installed = app.install(github.user("acme"))
        token = await as_app(github, app, lambda c: c.get_access_token(installed.id).token)

        assert await refusal(github, token, "/repos/acme/app") == ""
        clock.forward(timedelta(hours=1))
        assert await refusal(github, token, "/repos/acme/app") == "401 Bad credentials"


async def test_what_the_app_was_not_given_is_not_accessible() -> None:
    async with running() as github:
        repo = github.repository("acme/app", private=True)
        other = github.repository("acme/other", private=True)
        app = make_app(github)
        installed = app.install(
            repo.owner, repositories=[repo], permissions={"actions": "read", "metadata": "read"}
        )
        run = repo.workflow("CI").start()
        run.finish("failure")
        token = await as_app(github, app, lambda c: c.get_access_token(installed.id).token)
        denied = "403 Resource not accessible by integration"
        rerun = f"/repos/acme/app/actions/runs/{run.id}/rerun"

        assert await refusal(github, token, f"/repos/acme/app/actions/runs/{run.id}") == ""
        assert await refusal(github, token, rerun, "POST") == denied
        assert await refusal(github, token, "/repos/acme/app/pulls") == denied
        assert await refusal(github, token, "/user") == denied
        assert await refusal(github, token, "/repos/acme/other") == "404 Not Found"
        installed.add(other)
        assert await refusal(github, token, "/repos/acme/other") == ""
        installed.suspend()
        assert await refusal(github, token, "/repos/acme/app") == (
            "403 This installation has been suspended"
        )
        installed.uninstall()
        assert await refusal(github, token, "/repos/acme/app") == "401 Bad credentials"


async def test_a_token_may_be_asked_for_less_but_not_for_more() -> None:
    async with running() as github:
        repo = github.repository("acme/app", private=True)
        app = make_app(github)
        installed = app.install(repo.owner)

        def ask_for(wished: dict[str, str]) -> Callable[[GithubIntegration], str]:
            return lambda c: c.get_access_token(installed.id, permissions=wished).token

        weak = await as_app(github, app, ask_for({"metadata": "read"}))
        assert await refusal(github, weak, "/repos/acme/app/actions/runs") == (
            "403 Resource not accessible by integration"
        )
        with pytest.raises(GithubException, match="not granted to this installation"):
            await as_app(github, app, ask_for({"administration": "write"}))


def claims(issuer: int, *, at: float, lives: float) -> dict[str, object]:
    return {"iss": str(issuer), "iat": int(at), "exp": int(at + lives)}


@pytest.mark.parametrize(
    ("at", "lives", "words"),
    [
        pytest.param(0, 60, "", id="good"),
        pytest.param(-120, 60, "401 'Expiration time' claim ('exp') must be", id="expired"),
        pytest.param(0, 1_200, "401 'Expiration time' claim ('exp') is too far", id="too-far"),
        pytest.param(90, 60, "401 'Issued at' claim ('iat')", id="from-the-future"),
    ],
)
async def test_the_times_of_a_jwt_are_checked(at: int, lives: int, words: str) -> None:
    async with running() as github:
        app = make_app(github)
        made = claims(app.id, at=time.time() + at, lives=lives)
        token = jwt.encode(made, app.private_key, algorithm="RS256")
        answer = await refusal(github, token, "/app")

        assert answer.startswith(words)
        assert bool(answer) == bool(words)


async def test_a_jwt_of_another_key_or_app_is_refused() -> None:
    async with running() as github:
        app = make_app(github)
        good = claims(app.id, at=time.time(), lives=60)
        foreign = jwt.encode(good, rsa.generate_private_key(65537, 2048), algorithm="RS256")
        unknown = jwt.encode(good | {"iss": "1"}, app.private_key, algorithm="RS256")
        shared = jwt.encode(good, "a secret of more than thirty-two bytes", algorithm="HS256")

        unreadable = "401 A JSON web token could not be decoded"
        assert await refusal(github, foreign, "/app") == unreadable
        assert await refusal(github, shared, "/app") == unreadable
        assert await refusal(github, unknown, "/app") == "404 Integration not found"
        assert await refusal(github, github.token("ana"), "/app") == unreadable


async def test_the_apps_hook_hears_of_each_installation_and_only_its_own() -> None:
    async with Receiver() as bot, running() as github:
        repo, other = github.repository("acme/app"), github.repository("umbrella/app")
        app = make_app(github)
        app.send_to(bot.url, secret=SECRET)
        installed = app.install(repo.owner, repositories=[])
        installed.add(repo)
        repo.push("main")
        other.push("main")
        installed.remove(repo)
        repo.push("main")
        installed.suspend()
        installed.unsuspend()
        installed.uninstall()
        await github.delivered()

        assert bot.names() == [
            "ping",
            "installation.created",
            "installation_repositories.added",
            "push",
            "installation_repositories.removed",
            "installation.suspend",
            "installation.unsuspend",
            "installation.deleted",
        ]
        assert bot.of("push")[0]["installation"]["id"] == installed.id
        assert bot.received[0].headers["X-GitHub-Hook-Installation-Target-Type"] == "integration"


async def test_the_app_reads_and_repeats_its_own_deliveries() -> None:
    async with Receiver() as bot, running() as github:
        app = make_app(github)
        hook = app.send_to(bot.url, secret=SECRET)
        bot.status = 502
        app.install(github.user("acme"))
        await github.delivered()
        bot.status = 202

        def repeat(client: GithubIntegration) -> list[str]:
            _, found = client.requester.requestJsonAndCheck(
                "GET", "/app/hook/deliveries?status=failure"
            )
            path = f"/app/hook/deliveries/{found[0]['id']}"
            _, whole = client.requester.requestJsonAndCheck("GET", path)
            client.requester.requestJsonAndCheck("POST", f"{path}/attempts")
            return [whole["event"], whole["request"]["headers"]["X-GitHub-Event"]]

        assert await as_app(github, app, repeat) == ["installation", "installation"]
        await github.delivered()
        assert [one.status for one in hook.deliveries][-1] == "OK"
        assert hook.deliveries[-1].guid == hook.deliveries[-2].guid
