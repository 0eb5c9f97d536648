"""Is GitHub set up so that the bot can work? One finding a fact, for `smokejumper test-alert`."""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.adapters.github import answers, shapes
from bot.adapters.github.api import Api
from bot.adapters.github.credentials import AppCredentials, Credentials, Target
from bot.adapters.github.paths import of_repository
from bot.adapters.github.permissions import WRITERS
from bot.domain.access import matches
from bot.domain.errors import SmokejumperError
from bot.domain.ids import InstallationId
from bot.ports.clock import Clock
from bot.ports.finding import Finding

PERMISSIONS: Final = {
    "actions": "write",
    "checks": "read",
    "contents": "read",
    "deployments": "read",
    "metadata": "read",
    "pull_requests": "read",
}
EVENTS: Final = (
    "create",
    "delete",
    "pull_request",
    "push",
    "repository",
    "workflow_job",
    "workflow_run",
)
# What each permission lets us read; a token does not tell its permissions.
PROBES: Final = {
    "the runs": "actions/runs",
    "the deployments": "deployments",
    "the pull requests": "pulls",
    "the tags": "git/matching-refs/tags",
}
PATTERN: Final = re.compile(r"[*?[]")
NOWHERE: Final = Target(name="")


async def check(
    *, credentials: Credentials, base_url: str, clock: Clock, repositories: Sequence[str]
) -> list[Finding]:
    """Look at the credentials and at what they reach.

    Args:
        repositories: Names or patterns of all that anybody subscribes to.
    """
    api = Api(credentials=credentials, base_url=base_url, now=clock.now)
    if isinstance(credentials, AppCredentials):
        findings = _app(api, credentials, base_url, clock, repositories)
    else:
        findings = _token(api, repositories)
    try:
        return await asyncio.to_thread(list, _until_stopped(findings))
    finally:
        api.close()


def _until_stopped(findings: Iterator[Finding]) -> Iterator[Finding]:
    """Make an error that leaves nothing more to look at the last finding."""
    try:
        yield from findings
    except SmokejumperError as error:
        yield _bad(str(error))


def _token(api: Api, repositories: Sequence[str]) -> Iterator[Finding]:
    who = api.get(NOWHERE, "/user", shapes.Account, what="owner of the token")
    yield _good(f"The token works; it is {who.login}'s.")
    for name in repositories:
        if PATTERN.search(name):
            yield _good(f"{name} is a pattern; a token can't tell what fits it.")
            continue
        try:
            yield _repository(api, name, login=who.login or "")
        except SmokejumperError as error:
            yield _bad(str(error))


def _repository(api: Api, name: str, *, login: str) -> Finding:
    target = Target(name=name)
    for part, place in PROBES.items():
        api.get(target, of_repository(name, place), object, what=f"{part} of {name}")
    path = of_repository(name, "collaborators", login, "permission")
    may = api.get(target, path, answers.Permission, what=f"rights of {login} in {name}")
    if may.permission not in WRITERS:
        return _bad(f"{name}: the token reads it but can't re-run; give {login} write access.")
    return _good(f"{name}: reachable, with write access.")


def _app(
    api: Api,
    credentials: AppCredentials,
    base_url: str,
    clock: Clock,
    repositories: Sequence[str],
) -> Iterator[Finding]:
    itself = Api(credentials=credentials.itself(), base_url=base_url, now=clock.now)
    try:
        app = itself.get(NOWHERE, "/app", answers.App, what="App")
        yield _good(f"The App works; it is {app.name}.")
        yield from _lacking(app.permissions, f"The App {app.name}")
        if missing := sorted(set(EVENTS) - set(app.events or ())):
            yield _bad(f"The App does not subscribe to {', '.join(missing)}. Tick these events.")
        pages = itself.pages(
            NOWHERE, "/app/installations", list[answers.Installed], what="installations"
        )
        installed = [one for page in pages for one in page]
    finally:
        itself.close()
    names = [name for one in installed for name in _reached(api, one)]
    for one in installed:
        yield from _installation(one)
    for pattern in repositories:
        yield _reaches(pattern, names)


def _installation(one: answers.Installed) -> Iterator[Finding]:
    where = f"The installation for {one.account.login if one.account else one.id}"
    if one.suspended_at:
        yield _bad(f"{where} is suspended. Unsuspend it in its settings.")
    yield from _lacking(one.permissions, where)


def _reached(api: Api, one: answers.Installed) -> list[str]:
    if one.suspended_at:
        return []
    login = one.account.login if one.account else ""
    target = Target(name=f"{login}/", installation=InstallationId(one.id))
    pages = api.pages(
        target, "/installation/repositories", answers.RepositoryPage, what="repositories"
    )
    return [repo.full_name for page in pages for repo in page.repositories]


def _reaches(pattern: str, names: Sequence[str]) -> Finding:
    reached = sum(matches(name, (pattern,)) for name in names)
    if not reached:
        return _bad(f"{pattern}: the App is in no such repository. Install it there.")
    return _good(f"{pattern}: {reached} reached.")


def _lacking(permissions: Mapping[str, str] | None, who: str) -> Iterator[Finding]:
    given = permissions or {}
    for name, level in PERMISSIONS.items():
        if given.get(name) not in {level, "write", "admin"}:
            yield _bad(f"{who} lacks the permission {name}: {level}. Grant it, then accept it.")


def _good(text: str) -> Finding:
    return Finding(ok=True, text=f"GitHub: {text}")


def _bad(text: str) -> Finding:
    return Finding(ok=False, text=f"GitHub: {text}")
