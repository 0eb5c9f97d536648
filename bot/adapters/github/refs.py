"""What a name is, and whether it still is something."""

from bot.adapters.github import answers, shapes
from bot.adapters.github.asking import Asking
from bot.domain.errors import NotFoundError
from bot.domain.ids import RepoId
from bot.domain.lane import RefKind
from bot.domain.run import Repository


async def ref_kind(asking: Asking, repo: Repository, name: str) -> RefKind | None:
    """Return what *name* is now, a tag where it is both; None where it is gone."""
    if await asking.exists(repo, "git/ref/tags", name):
        return RefKind.TAG
    if await asking.exists(repo, "git/ref/heads", name):
        return RefKind.BRANCH
    return None


async def pull_is_open(
    asking: Asking, repo: Repository, *, head_repo: RepoId | None, branch: str
) -> bool:
    """Return whether a pull request from that branch is open.

    GitHub filters by the head's owner, not by its repository. Where the fork is deleted or
    hidden from us, all open pull requests are read; they may tell the fork or nothing.
    """
    owner = await _owner(asking, repo, head_repo)
    forks = {head_repo} if owner else {head_repo, None}
    only = {"head": f"{owner}:{branch}"} if owner else {}
    pages = await asking.pages(
        repo,
        "pulls",
        shape=list[shapes.PullRequest],
        what=f"pull requests of {repo.full_name}",
        state="open",
        **only,
    )
    heads = [pull.head for page in pages for pull in page if pull.head]
    return any(
        head.ref == branch and (head.repo.id if head.repo else None) in forks for head in heads
    )


async def _owner(asking: Asking, repo: Repository, head_repo: RepoId | None) -> str:
    if head_repo == repo.id:
        return repo.full_name.split("/", maxsplit=1)[0]
    if head_repo is None:
        return ""
    try:
        fork = await asking.get_by_id(repo, head_repo, shape=answers.HeadRepository)
    except NotFoundError:
        return ""
    return fork.owner.login or ""
