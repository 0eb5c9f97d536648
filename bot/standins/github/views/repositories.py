"""Repositories, short and long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.standins.github.views.accounts import account
from bot.standins.github.views.urls import Json, Urls, moment, node

if TYPE_CHECKING:
    from bot.standins.github.repository import Repository

LINKS: Final = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def name_only(repository: Repository) -> Json:
    """Return what deliveries about installations say of a repository."""
    return {
        "id": repository.id,
        "node_id": node("Repository", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
    }


def short(repository: Repository, urls: Urls) -> Json:
    """Return the form that stands inside a run."""
    mine = urls.repo(repository)
    return (
        name_only(repository)
        | {
            "owner": account(repository.owner, urls),
            "html_url": urls.page(repository),
            "description": None,
            "fork": repository.parent is not None,
            "url": mine,
        }
        | {name: f"{mine}{tail}" for name, tail in LINKS.items()}
    )


def long(repository: Repository, urls: Urls) -> Json:
    """Return the form that deliveries and pull requests carry."""
    page = urls.page(repository)
    host = urls.web.split("://", 1)[1]
    return short(repository, urls) | {
        "git_url": f"git://{host}/{repository.full_name}.git",
        "ssh_url": f"git@{host}:{repository.full_name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "mirror_url": None,
        "homepage": None,
        "language": "Python",
        "license": None,
        "forks": 0,
        "forks_count": 0,
        "stargazers_count": 0,
        "watchers": 0,
        "watchers_count": 0,
        "open_issues": 0,
        "open_issues_count": 0,
        "size": 1,
        "default_branch": repository.default_branch,
        "topics": [],
        "has_issues": True,
        "has_projects": True,
        "has_wiki": True,
        "has_pages": False,
        "has_downloads": True,
        "has_discussions": False,
        "archived": repository.archived,
        "disabled": False,
        "visibility": "private" if repository.private else "public",
        "allow_forking": True,
        "is_template": False,
        "web_commit_signoff_required": False,
        "pushed_at": moment(repository.world.now()),
        "created_at": moment(repository.created_at),
        "updated_at": moment(repository.created_at),
    }


def full(repository: Repository, urls: Urls) -> Json:
    """Return the answer to a question for this repository."""
    body = long(repository, urls) | {"subscribers_count": 0, "network_count": 0}
    if repository.parent:
        body["parent"] = body["source"] = long(repository.parent, urls)
    return body


def in_push(repository: Repository, urls: Urls) -> Json:
    """Return the form of push deliveries alone: their times are numbers, as of old."""
    return long(repository, urls) | {
        "created_at": int(repository.created_at.timestamp()),
        "pushed_at": int(repository.world.now().timestamp()),
        "master_branch": repository.default_branch,
        "stargazers": 0,
    }
