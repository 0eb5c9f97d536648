"""Deliveries about what surrounds the runs: pull requests, repositories, the App."""

from typing import Final

from tests.payload_parts import API, NOON, WEB, Json, account, number_of, repository, stamp
from tests.payloads import REPO, SHA

PULL_LINKS: Final = "comments commits review_comment review_comments statuses"
CHANGES: Final[dict[str, Json]] = {
    "renamed": {"changes": {"repository": {"name": {"from": "old"}}}},
    "edited": {"changes": {}},
    "transferred": {"changes": {"owner": {"from": {}}}},
}


def pull_request(
    *,
    action: str = "closed",
    repo: str = REPO,
    number: int = 7,
    head_repo: str | None = REPO,
    branch: str = "feature",
    merged: bool = False,
) -> Json:
    """Return a `pull_request` delivery.

    Args:
        head_repo: Where the branch is; None once that fork is deleted.
    """
    mine = f"{API}/repos/{repo}/pulls/{number}"
    return {
        "action": action,
        "number": number,
        "pull_request": {
            "id": number,
            "node_id": f"PR_{number}",
            "number": number,
            "state": "closed" if action == "closed" else "open",
            "locked": False,
            "title": "Add a feature",
            "user": account("ana"),
            "body": None,
            "draft": False,
            "url": mine,
            "html_url": f"{WEB}/{repo}/pull/{number}",
            "diff_url": f"{WEB}/{repo}/pull/{number}.diff",
            "patch_url": f"{WEB}/{repo}/pull/{number}.patch",
            "issue_url": f"{API}/repos/{repo}/issues/{number}",
            **{f"{link}_url": f"{mine}/{link}" for link in PULL_LINKS.split()},
            "created_at": stamp(NOON),
            "updated_at": stamp(NOON),
            "closed_at": stamp(NOON) if action == "closed" else None,
            "merged_at": stamp(NOON) if merged else None,
            "merge_commit_sha": SHA if merged else None,
            "merged": merged,
            "merged_by": account("ana") if merged else None,
            "mergeable": None,
            "mergeable_state": "unknown",
            "rebaseable": None,
            "maintainer_can_modify": False,
            **dict.fromkeys(PULL_COUNTS.split(), 1),
            "assignee": None,
            "assignees": [],
            "requested_reviewers": [],
            "requested_teams": [],
            "labels": [],
            "milestone": None,
            "auto_merge": None,
            "active_lock_reason": None,
            "author_association": "MEMBER",
            "head": _end(head_repo, branch),
            "base": _end(repo, "main"),
            "_links": {name: {"href": mine} for name in LINKS.split()},
        },
        "repository": repository(repo),
        "sender": account("ana"),
    }


PULL_COUNTS: Final = "comments review_comments commits additions deletions changed_files"
LINKS: Final = "comments commits html issue review_comment review_comments self statuses"


def _end(repo: str | None, branch: str) -> Json:
    owner = (repo or "ghost/gone").split("/", maxsplit=1)[0]
    return {
        "label": f"{owner}:{branch}",
        "ref": branch,
        "sha": SHA,
        "user": account(owner),
        "repo": repository(repo) if repo else None,
    }


def repository_event(*, action: str, repo: str = REPO, private: bool = False) -> Json:
    """Return a `repository` delivery: renamed, privatized, archived, deleted and the like."""
    return {
        "action": action,
        **CHANGES.get(action, {}),
        "repository": repository(repo, private=private),
        "sender": account("ana"),
    }


def installation(
    *, action: str = "deleted", id: int = 5, repositories: tuple[str, ...] = (REPO,)
) -> Json:
    return {
        "action": action,
        "installation": _installation(id),
        "repositories": [_named(name) for name in repositories],
        "sender": account("ana"),
    }


def installation_repositories(
    *, id: int = 5, added: tuple[str, ...] = (), removed: tuple[str, ...] = ()
) -> Json:
    return {
        "action": "removed" if removed else "added",
        "installation": _installation(id),
        "repository_selection": "selected",
        "repositories_added": [_named(name) for name in added],
        "repositories_removed": [_named(name) for name in removed],
        "requester": None,
        "sender": account("ana"),
    }


def ping(*, hook: int = 3, repo: str = REPO) -> Json:
    url = f"{API}/repos/{repo}/hooks/{hook}"
    return {
        "zen": "Responsive is better than fast.",
        "hook_id": hook,
        "hook": {
            "type": "Repository",
            "id": hook,
            "name": "web",
            "active": True,
            "events": ["*"],
            "config": {"content_type": "json", "insecure_ssl": "0", "url": "https://bot.example"},
            "updated_at": stamp(NOON),
            "created_at": stamp(NOON),
            "url": url,
            "test_url": f"{url}/test",
            "ping_url": f"{url}/pings",
            "deliveries_url": f"{url}/deliveries",
            "last_response": {"code": None, "status": "unused", "message": None},
        },
        "repository": repository(repo),
        "sender": account("ana"),
    }


def _installation(id: int) -> Json:
    mine = f"{API}/app/installations/{id}"
    return {
        "id": id,
        "account": account("acme"),
        "repository_selection": "selected",
        "access_tokens_url": f"{mine}/access_tokens",
        "repositories_url": f"{API}/installation/repositories",
        "html_url": f"{WEB}/organizations/acme/settings/installations/{id}",
        "app_id": 1,
        "app_slug": "smokejumper",
        "target_id": number_of("acme"),
        "target_type": "Organization",
        "permissions": {"actions": "write", "metadata": "read"},
        "events": ["workflow_run"],
        "created_at": stamp(NOON),
        "updated_at": stamp(NOON),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None,
        "suspended_at": None,
    }


def _named(name: str) -> Json:
    return {
        "id": number_of(name),
        "node_id": f"R_{name}",
        "name": name.split("/")[1],
        "full_name": name,
        "private": False,
    }
