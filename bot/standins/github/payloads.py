"""What a webhook says of something that happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.standins.github import happenings as has
from bot.standins.github.views import apps, commits, deployments, hooks, pulls, repositories, runs
from bot.standins.github.views.accounts import account, organization
from bot.standins.github.views.urls import node

if TYPE_CHECKING:
    from bot.standins.github.apps import Installation
    from bot.standins.github.repository import Repository
    from bot.standins.github.views.urls import Json, Urls

NOBODY: Final = "0" * 40
REF: Final = {"branch": "refs/heads/", "tag": "refs/tags/"}


def of(happening: has.Happening, urls: Urls) -> tuple[str, Json]:
    """Return the event's name and its payload, without the installation it is told to."""
    event, said = _event(happening, urls)
    payload = said | {"sender": account(happening.sender, urls)}
    repository = happening.repository
    if repository is not None:
        payload.setdefault("repository", repositories.long(repository, urls))
        if repository.owner.kind == "Organization":
            payload["organization"] = organization(repository.owner, urls)
    return event, payload


def with_installation(payload: Json, installation: Installation | None) -> Json:
    """Return the payload as one installation of an app is told it."""
    if installation is None or "installation" in payload:
        return payload
    mine = {"id": installation.id, "node_id": node("Installation", installation.id)}
    return payload | {"installation": mine}


def _event(happening: has.Happening, urls: Urls) -> tuple[str, Json]:
    match happening:
        case has.RunChanged() | has.JobChanged():
            return _ci(happening, urls)
        case has.Pushed() | has.RefCreated() | has.RefDeleted():
            return _ref(happening, urls)
        case has.PullRequestChanged() | has.MergeGroupChanged() | has.ReleasePublished():
            return _change(happening, urls)
        case has.RepositoryChanged(action=action, changes=changes):
            said: Json = {"action": action}
            return "repository", said | ({"changes": changes} if changes else {})
        case has.InstallationChanged() | has.InstallationRepositoriesChanged():
            return _installation(happening, urls)
        case has.Pinged(hook=hook):
            zen = "Responsive is better than fast."
            return "ping", {"zen": zen, "hook_id": hook.id, "hook": hooks.hook(hook, urls)}
    msg = f"No webhook tells of {happening!r}."
    raise TypeError(msg)


def _ci(happening: has.RunChanged | has.JobChanged, urls: Urls) -> tuple[str, Json]:
    if isinstance(happening, has.JobChanged):
        told = happening.job
        said: Json = {"action": happening.action, "workflow_job": runs.job(told, urls)}
        if told.deployment:
            said["deployment"] = deployments.deployment(told.deployment, urls)
        return "workflow_job", said
    return "workflow_run", {
        "action": happening.action,
        "workflow_run": runs.run(happening.run, urls),
        "workflow": runs.workflow(happening.run.workflow, urls),
    }


def _push(push: has.Pushed, urls: Urls) -> Json:
    repository = _place(push)
    told = [commits.in_push(commit, repository, urls) for commit in push.commits]
    before, after = push.before or NOBODY, push.after or NOBODY
    return {
        "ref": REF[push.kind] + push.name,
        "before": before,
        "after": after,
        "created": push.before is None,
        "deleted": push.after is None,
        "forced": False,
        "base_ref": None,
        "compare": f"{urls.page(repository)}/compare/{before[:12]}...{after[:12]}",
        # A pushed tag brings no commits, only the one it points to.
        "commits": told if push.kind == "branch" else [],
        "head_commit": told[-1] if told else None,
        "pusher": {"name": push.sender.login, "email": f"{push.sender.login}@users.example"},
        "repository": repositories.in_push(repository, urls),
    }


def _ref(happening: has.Pushed | has.RefCreated | has.RefDeleted, urls: Urls) -> tuple[str, Json]:
    if isinstance(happening, has.Pushed):
        return "push", _push(happening, urls)
    said: Json = {"ref": happening.name, "ref_type": happening.kind, "pusher_type": "user"}
    if isinstance(happening, has.RefDeleted):
        return "delete", said
    branch = _place(happening).default_branch
    return "create", said | {"master_branch": branch, "description": None}


def _change(
    happening: has.PullRequestChanged | has.MergeGroupChanged | has.ReleasePublished, urls: Urls
) -> tuple[str, Json]:
    match happening:
        case has.PullRequestChanged(pull=pull, action=action, before=before):
            said: Json = {"action": action, "number": pull.number}
            moved = {"before": before, "after": pull.head_sha} if before else {}
            return "pull_request", said | moved | {"pull_request": pulls.full(pull, urls)}
        case has.MergeGroupChanged(entry=entry, action=action, reason=reason):
            said = {"action": action, "merge_group": pulls.merge_group(entry)}
            return "merge_group", said | ({"reason": reason} if reason else {})
        case has.ReleasePublished(release=release):
            return "release", {"action": "published", "release": pulls.release(release, urls)}


def _installation(
    happening: has.InstallationChanged | has.InstallationRepositoriesChanged, urls: Urls
) -> tuple[str, Json]:
    shown = apps.installation(happening.installation, urls)
    said: Json = {"action": happening.action, "installation": shown}
    if isinstance(happening, has.InstallationChanged):
        chosen = happening.installation.repositories or []
        names = [repositories.name_only(repository) for repository in chosen]
        return "installation", said | {"repositories": names}
    names = [repositories.name_only(repository) for repository in happening.repositories]
    added = happening.action == "added"
    return "installation_repositories", said | {
        "repository_selection": shown["repository_selection"],
        "repositories_added": names if added else [],
        "repositories_removed": [] if added else names,
        "requester": None,
    }


def _place(happening: has.Happening) -> Repository:
    if happening.repository is None:
        msg = f"{happening!r} happened nowhere."
        raise ValueError(msg)
    return happening.repository
