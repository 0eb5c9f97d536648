"""Commits, branches, refs and comparisons."""

from typing import Final

from bot.standins.github.call import Answer, Call, Route
from bot.standins.github.callers import Need
from bot.standins.github.git import Commit
from bot.standins.github.refusal import RefusalError, not_found
from bot.standins.github.views import commits

READ: Final = Need("contents")
HEADS: Final = "refs/heads/"
TAGS: Final = "refs/tags/"


def commit(call: Call) -> Answer:
    found = _resolve(call, call.parts["ref"])
    if found is None:
        raise RefusalError(422, f"No commit found for SHA: {call.parts['ref']}")
    return Answer(body=commits.full(found, call.repository, call.urls))


def branch(call: Call) -> Answer:
    name = call.parts["branch"]
    found = call.repository.history.find(call.repository.branches.get(name, ""))
    if found is None:
        raise RefusalError(404, "Branch not found")
    return Answer(body=commits.branch(name, found, call.repository, call.urls))


def ref(call: Call) -> Answer:
    name = f"refs/{call.parts['ref']}"
    sha = _refs(call).get(name)
    if sha is None:
        raise not_found()
    return Answer(body=commits.ref(name, sha, call.repository, call.urls))


def matching_refs(call: Call) -> Answer:
    start = f"refs/{call.parts['ref']}"
    found = {name: sha for name, sha in sorted(_refs(call).items()) if name.startswith(start)}
    return call.page(
        [commits.ref(name, sha, call.repository, call.urls) for name, sha in found.items()]
    )


def compare(call: Call) -> Answer:
    base_name, dots, head_name = call.parts["basehead"].partition("...")
    base, head = _resolve(call, base_name), _resolve(call, head_name)
    if not dots or base is None or head is None:
        raise not_found()
    body = commits.comparison(base, head, call.repository, call.urls)
    pages = call.page(list(_list(body["commits"])))
    return Answer(body=body | {"commits": pages.body}, headers=pages.headers)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _refs(call: Call) -> dict[str, str]:
    heads = {HEADS + name: sha for name, sha in call.repository.branches.items()}
    return heads | {TAGS + name: sha for name, sha in call.repository.tags.items()}


def _resolve(call: Call, name: str) -> Commit | None:
    """Find a commit by branch, tag or hash, a fork's branch by `owner:branch`."""
    repository = call.repository
    owner, colon, rest = name.partition(":")
    if colon:
        forks = [
            r
            for r in call.hub.repositories
            if r.owner.login == owner and (r is repository or r.parent is repository)
        ]
        return repository.history.find(forks[0].branches.get(rest, "")) if forks else None
    short = name.removeprefix("heads/").removeprefix("tags/")
    sha = repository.branches.get(short) or repository.tags.get(short) or name
    return repository.history.find(sha)


ROUTES: Final = (
    Route(method="GET", path="/repos/{owner}/{repo}/commits/{ref:.+}", answer=commit, need=READ),
    Route(
        method="GET", path="/repos/{owner}/{repo}/branches/{branch:.+}", answer=branch, need=READ
    ),
    Route(method="GET", path="/repos/{owner}/{repo}/git/ref/{ref:.+}", answer=ref, need=READ),
    Route(
        method="GET",
        path="/repos/{owner}/{repo}/git/matching-refs/{ref:.+}",
        answer=matching_refs,
        need=READ,
    ),
    Route(
        method="GET", path="/repos/{owner}/{repo}/compare/{basehead:.+}", answer=compare, need=READ
    ),
)
