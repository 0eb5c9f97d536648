"""Commits, refs and comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.standins.github.views.accounts import account
from bot.standins.github.views.urls import Json, Urls, moment, node, path

if TYPE_CHECKING:
    from bot.standins.github.git import Commit
    from bot.standins.github.repository import Repository


def in_run(commit: Commit) -> Json:
    """Return the form that stands inside a run."""
    person = {"name": commit.author.login, "email": commit.email}
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "message": commit.message,
        "timestamp": moment(commit.at),
        "author": person,
        "committer": person,
    }


def in_push(commit: Commit, repository: Repository, urls: Urls) -> Json:
    person = {"name": commit.author.login, "email": commit.email, "username": commit.author.login}
    return in_run(commit) | {
        "author": person,
        "committer": person,
        "distinct": True,
        "url": f"{urls.page(repository)}/commit/{commit.sha}",
        "added": [],
        "removed": [],
        "modified": ["README.md"],
    }


def full(commit: Commit, repository: Repository, urls: Urls) -> Json:
    mine = f"{urls.repo(repository)}/commits/{commit.sha}"
    person = {"name": commit.author.login, "email": commit.email, "date": moment(commit.at)}
    trees = f"{urls.repo(repository)}/git/trees"
    return {
        "sha": commit.sha,
        "node_id": node("Commit", int(commit.sha[:7], 16)),
        "url": mine,
        "html_url": f"{urls.page(repository)}/commit/{commit.sha}",
        "comments_url": f"{mine}/comments",
        "commit": {
            "url": f"{urls.repo(repository)}/git/commits/{commit.sha}",
            "author": person,
            "committer": person,
            "message": commit.message,
            "comment_count": 0,
            "tree": {"sha": commit.tree, "url": f"{trees}/{commit.tree}"},
        },
        "author": account(commit.author, urls),
        "committer": account(commit.author, urls),
        "parents": [
            {
                "sha": sha,
                "url": f"{urls.repo(repository)}/commits/{sha}",
                "html_url": f"{urls.page(repository)}/commit/{sha}",
            }
            for sha in commit.parents
        ],
    }


def branch(name: str, commit: Commit, repository: Repository, urls: Urls) -> Json:
    mine = f"{urls.repo(repository)}/branches/{path(name)}"
    return {
        "name": name,
        "commit": full(commit, repository, urls),
        "_links": {"self": mine, "html": f"{urls.page(repository)}/tree/{path(name)}"},
        "protected": False,
        "protection": {"enabled": False},
        "protection_url": f"{mine}/protection",
    }


def ref(name: str, sha: str, repository: Repository, urls: Urls) -> Json:
    """Return a ref by its full name, such as `refs/tags/v1`."""
    return {
        "ref": name,
        "node_id": node("Ref", int(sha[:7], 16)),
        "url": f"{urls.repo(repository)}/git/{path(name)}",
        "object": {
            "type": "commit",
            "sha": sha,
            "url": f"{urls.repo(repository)}/git/commits/{sha}",
        },
    }


def comparison(base: Commit, head: Commit, repository: Repository, urls: Urls) -> Json:
    """Return what *head* has over *base*, all of it; the route cuts the pages."""
    ahead = repository.history.between(base.sha, head.sha)
    behind = repository.history.between(head.sha, base.sha)
    shared = repository.history.merge_base(base.sha, head.sha) or base
    page = f"{urls.page(repository)}/compare/{base.sha}...{head.sha}"
    if ahead and behind:
        status = "diverged"
    elif ahead:
        status = "ahead"
    else:
        status = "behind" if behind else "identical"
    return {
        "url": f"{urls.repo(repository)}/compare/{base.sha}...{head.sha}",
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": full(base, repository, urls),
        "merge_base_commit": full(shared, repository, urls),
        "status": status,
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [full(commit, repository, urls) for commit in ahead],
        "files": [],
    }
