"""Pull requests, merge groups and releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.standins.github.views.accounts import account
from bot.standins.github.views.commits import in_run
from bot.standins.github.views.repositories import long
from bot.standins.github.views.urls import Json, Urls, moment, node

if TYPE_CHECKING:
    from bot.standins.github.pulls import PullRequest, QueueEntry
    from bot.standins.github.releases import Release
    from bot.standins.github.repository import Repository


def in_run_list(pull: PullRequest, urls: Urls) -> Json:
    """Return the form that stands inside a run of this repository's own branches."""
    base = pull.repository
    return {
        "id": pull.id,
        "number": pull.number,
        "url": f"{urls.repo(base)}/pulls/{pull.number}",
        "head": {
            "ref": pull.head,
            "sha": pull.head_sha,
            "repo": _place(pull.head_repository, urls),
        },
        "base": {"ref": pull.base, "sha": base.branches[pull.base], "repo": _place(base, urls)},
    }


def listed(pull: PullRequest, urls: Urls) -> Json:
    """Return the form that stands in a list."""
    mine = f"{urls.repo(pull.repository)}/pulls/{pull.number}"
    issue = f"{urls.repo(pull.repository)}/issues/{pull.number}"
    page = f"{urls.page(pull.repository)}/pull/{pull.number}"
    links = {
        "self": mine,
        "html": page,
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{mine}/comments",
        "review_comment": f"{urls.repo(pull.repository)}/pulls/comments{{/number}}",
        "commits": f"{mine}/commits",
        "statuses": f"{urls.repo(pull.repository)}/statuses/{pull.head_sha}",
    }
    return {
        "url": mine,
        "id": pull.id,
        "node_id": node("PullRequest", pull.id),
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue,
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "comments_url": links["comments"],
        "statuses_url": links["statuses"],
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "title": pull.title,
        "user": account(pull.author, urls),
        "body": None,
        "labels": [],
        "milestone": None,
        "active_lock_reason": None,
        "created_at": moment(pull.created_at),
        "updated_at": moment(pull.closed_at or pull.created_at),
        "closed_at": moment(pull.closed_at),
        "merged_at": moment(pull.merged_at),
        "merge_commit_sha": pull.head_sha if pull.merged_at else None,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "head": _side(pull.head_repository, pull.head, pull.head_sha, urls),
        "base": _side(pull.repository, pull.base, pull.repository.branches[pull.base], urls),
        "_links": {name: {"href": link} for name, link in links.items()},
        "author_association": "NONE" if pull.from_fork else "MEMBER",
        "auto_merge": None,
        "draft": False,
    }


def full(pull: PullRequest, urls: Urls) -> Json:
    merged = pull.merged_at is not None
    return listed(pull, urls) | {
        "merged": merged,
        "mergeable": None,
        "rebaseable": None,
        "mergeable_state": "unknown",
        "merged_by": account(pull.author, urls) if merged else None,
        "comments": 0,
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": 1,
        "additions": 1,
        "deletions": 1,
        "changed_files": 1,
    }


def merge_group(entry: QueueEntry) -> Json:
    repository = entry.pull.repository
    commit = repository.history.find(entry.sha)
    return {
        "head_sha": entry.sha,
        "head_ref": f"refs/heads/{entry.branch}",
        "base_sha": entry.base_sha,
        "base_ref": f"refs/heads/{entry.pull.base}",
        "head_commit": in_run(commit) if commit else None,
    }


def release(made: Release, urls: Urls) -> Json:
    mine = f"{urls.repo(made.repository)}/releases/{made.id}"
    page = urls.page(made.repository)
    uploads = f"{urls.api}/uploads/repos/{made.repository.full_name}/releases/{made.id}/assets"
    return {
        "url": mine,
        "html_url": f"{page}/releases/tag/{made.tag}",
        "assets_url": f"{mine}/assets",
        "upload_url": f"{uploads}{{?name,label}}",
        "tarball_url": f"{urls.repo(made.repository)}/tarball/{made.tag}",
        "zipball_url": f"{urls.repo(made.repository)}/zipball/{made.tag}",
        "id": made.id,
        "node_id": node("Release", made.id),
        "tag_name": made.tag,
        "target_commitish": made.repository.default_branch,
        "name": made.tag,
        "body": None,
        "draft": False,
        "prerelease": made.prerelease,
        "immutable": False,
        "created_at": moment(made.published_at),
        "published_at": moment(made.published_at),
        "updated_at": moment(made.published_at),
        "author": account(made.author, urls),
        "assets": [],
    }


def _place(repository: Repository, urls: Urls) -> Json:
    return {"id": repository.id, "url": urls.repo(repository), "name": repository.name}


def _side(repository: Repository, name: str, sha: str, urls: Urls) -> Json:
    return {
        "label": f"{repository.owner.login}:{name}",
        "ref": name,
        "sha": sha,
        "user": account(repository.owner, urls),
        "repo": None if repository.deleted else long(repository, urls),
    }
