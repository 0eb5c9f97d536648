"""Which repositories we reach, and what ran there."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Final, TypeVar

import structlog

from bot.adapters.github import answers, shapes, values
from bot.adapters.github.api import MOST_PAGES, PAGE
from bot.adapters.github.asking import Asking, target_of
from bot.adapters.github.credentials import Target
from bot.adapters.github.paths import of_repository
from bot.domain.access import matches
from bot.domain.errors import NotFoundError, OperatorError, PermanentError
from bot.domain.ids import InstallationId
from bot.domain.run import Repository, Run
from bot.ports.code_host import RunList

log = structlog.get_logger()

T = TypeVar("T")
R = TypeVar("R")

ITSELF: Final = Target(name="", itself=True)
ANYWHERE: Final = Target(name="")
WILD: Final = frozenset("*?[")


async def installed(
    asking: Asking, *, installations: frozenset[InstallationId], now: datetime
) -> Sequence[Repository]:
    """Return the repositories of an App's installations; those that are suspended have none."""
    pages = await asking.pages_of(
        ITSELF, "/app/installations", shape=list[answers.Installed], what="installations"
    )
    wanted = [
        one
        for page in pages
        for one in page
        if not one.suspended_at and (not installations or one.id in installations)
    ]

    async def inside(one: answers.Installed) -> Sequence[Repository]:
        id = InstallationId(one.id)
        pages = await asking.pages_of(
            Target(name=f"{one.account.login if one.account else ''}/", installation=id),
            "/installation/repositories",
            shape=answers.InstalledRepositories,
            what=f"repositories of installation {id}",
        )
        raws = [raw for page in pages for raw in page.repositories]
        return [values.repository(raw, installation=id, seen_at=now) for raw in raws]

    return await _of_each(inside, wanted)


async def visible(
    asking: Asking, patterns: Iterable[str], *, now: datetime
) -> Sequence[Repository]:
    """Return what a token reaches: each repository named, and for patterns all that it sees."""
    named = [pattern for pattern in patterns if not WILD & set(pattern)]
    raws = await _of_each(lambda name: _named(asking, name), named)
    if len(named) < len(list(patterns)):
        pages = await asking.pages_of(
            ANYWHERE, "/user/repos", shape=list[shapes.Repository], what="repositories of the token"
        )
        raws.extend(raw for page in pages for raw in page)
    found = {raw.id: values.repository(raw, installation=None, seen_at=now) for raw in raws}
    return [repo for repo in found.values() if matches(repo.full_name, tuple(patterns))]


async def _of_each(ask: Callable[[T], Awaitable[Sequence[R]]], ones: Sequence[T]) -> list[R]:
    """Ask for each; one that is refused hides no other, unless all are."""
    found: list[R] = []
    refused: list[PermanentError | OperatorError] = []
    for one in ones:
        try:
            found.extend(await ask(one))
        except (PermanentError, OperatorError) as error:
            log.warning("not_reached", why=str(error))
            refused.append(error)
    if refused and len(refused) == len(ones):
        raise refused[-1]
    return found


async def _named(asking: Asking, name: str) -> list[shapes.Repository]:
    path = of_repository(name)
    try:
        return [
            await asking.one(
                Target(name=name), path, shape=shapes.Repository, what=f"repository {name}"
            )
        ]
    except NotFoundError:
        return []


async def runs_since(
    asking: Asking, repo: Repository, *, since: datetime, etag: str, now: datetime
) -> RunList | None:
    """Read the list of runs, newest first, until they were begun before *since*.

    Raises:
        NotFoundError: They are another repository's, which has the name now.
    """
    what = f"runs of {repo.full_name}"
    target, path = target_of(repo), of_repository(repo.full_name, "actions/runs")
    page = await asking.page(
        target,
        path,
        shape=answers.RunPage,
        what=what,
        etag=etag,
        per_page=PAGE,
        exclude_pull_requests="true",
    )
    if page is None:
        return None
    newest = page.etag
    found: list[Run] = []
    for _ in range(MOST_PAGES):
        if page is None:
            break
        runs = [run_of(repo, raw, now=now) for raw in page.value.workflow_runs]
        found.extend(runs)
        if not page.more or not runs or runs[-1].created_at < since:
            break
        page = await asking.page(target, page.more, shape=answers.RunPage, what=what)
    return RunList(runs=found, etag=newest)


def run_of(repo: Repository, raw: shapes.WorkflowRun, *, now: datetime) -> Run:
    """Return a run of *repo*, which was asked for by its name; a number of 0 is not known.

    Raises:
        NotFoundError: Another repository has the name now.
    """
    if repo.id and raw.repository and raw.repository.id != repo.id:
        msg = (
            f"{repo.full_name} is another repository now: "
            f"number {raw.repository.id}, where {repo.id} was asked for."
        )
        raise NotFoundError(msg)
    return values.run(raw, repo=repo.id, seen_at=now)
