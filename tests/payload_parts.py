"""The long parts of GitHub's payloads: accounts, repositories, commits."""

from datetime import UTC, datetime
from typing import Any, Final
from zlib import crc32

Json = dict[str, Any]

API: Final = "https://api.github.com"
WEB: Final = "https://github.com"
NOON: Final = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ACCOUNT_LINKS: Final = (
    "followers following gists starred subscriptions organizations repos events received_events"
)
REPOSITORY_LINKS: Final = (
    "archive assignees blobs branches collaborators comments commits compare contents contributors"
    " deployments downloads events forks git_commits git_refs git_tags hooks issue_comment"
    " issue_events issues keys labels languages merges milestones notifications pulls releases"
    " stargazers statuses subscribers subscription tags teams trees"
)


def number_of(name: str) -> int:
    """Return an id that is always the same for one name."""
    return crc32(name.encode())


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def account(login: str) -> Json:
    mine = f"{API}/users/{login}"
    return {
        "login": login,
        "id": number_of(login),
        "node_id": f"U_{login}",
        "avatar_url": f"https://avatars.githubusercontent.com/{login}",
        "gravatar_id": "",
        "url": mine,
        "html_url": f"{WEB}/{login}",
        **{f"{name}_url": f"{mine}/{name}" for name in ACCOUNT_LINKS.split()},
        "type": "User",
        "site_admin": False,
    }


def short_repository(name: str, *, private: bool = False) -> Json:
    """Return a repository as it stands inside a run."""
    mine = f"{API}/repos/{name}"
    owner, _, short = name.partition("/")
    return {
        "id": number_of(name),
        "node_id": f"R_{short}",
        "name": short,
        "full_name": name,
        "private": private,
        "owner": account(owner),
        "html_url": f"{WEB}/{name}",
        "description": None,
        "fork": False,
        "url": mine,
        **{f"{link}_url": f"{mine}/{link}" for link in REPOSITORY_LINKS.split()},
    }


def repository(
    name: str, *, private: bool = False, default_branch: str = "main", at: datetime = NOON
) -> Json:
    counts = (
        "forks forks_count open_issues open_issues_count size stargazers_count watchers"
        " watchers_count"
    )
    features = "has_downloads has_issues has_pages has_projects has_wiki has_discussions"
    return {
        **short_repository(name, private=private),
        **dict.fromkeys(counts.split(), 0),
        **dict.fromkeys(features.split(), False),
        "default_branch": default_branch,
        "archived": False,
        "disabled": False,
        "visibility": "private" if private else "public",
        "allow_forking": True,
        "is_template": False,
        "web_commit_signoff_required": False,
        "topics": [],
        "language": None,
        "license": None,
        "homepage": None,
        "mirror_url": None,
        "git_url": f"git://github.com/{name}.git",
        "ssh_url": f"git@github.com:{name}.git",
        "clone_url": f"{WEB}/{name}.git",
        "svn_url": f"{WEB}/{name}",
        "created_at": stamp(at),
        "pushed_at": stamp(at),
        "updated_at": stamp(at),
    }


def head_commit(sha: str, *, message: str, author: str, at: datetime = NOON) -> Json:
    person = {"name": author, "email": f"{author}@users.example"}
    return {
        "id": sha,
        "tree_id": sha,
        "message": message,
        "timestamp": stamp(at),
        "author": person,
        "committer": person,
    }
