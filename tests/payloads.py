"""GitHub's deliveries as dictionaries, from the few things a story cares about."""

import json
from datetime import datetime
from typing import Final

from bot.domain.events import Delivery
from bot.domain.ids import DeliveryId, RepoId
from tests.payload_parts import (
    API,
    NOON,
    WEB,
    Json,
    account,
    head_commit,
    number_of,
    repository,
    short_repository,
    stamp,
)

REPO: Final = "acme/app"
SHA: Final = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"
NOBODY: Final = "0" * 40


def delivery(
    event: str, payload: Json, *, id: str = "11111111-aaaa-4bbb-8ccc-222222222222"
) -> Delivery:
    """Return *payload* as it lies in its row."""
    repo = payload.get("repository")
    return Delivery(
        id=DeliveryId(id),
        event=event,
        repo=RepoId(repo["id"]) if repo else None,
        received_at=NOON,
        body=json.dumps(payload).encode(),
    )


def _about(repo: str, *, private: bool = False, sender: str = "ana") -> Json:
    return {"repository": repository(repo, private=private), "sender": account(sender)}


def _installed(installation: int | None) -> Json:
    if installation is None:
        return {}
    return {"installation": {"id": installation, "node_id": f"I_{installation}"}}


def workflow_run(
    *,
    repo: str = REPO,
    workflow: str = "CI",
    run: int = 812,
    attempt: int = 1,
    number: int = 42,
    event: str = "push",
    branch: str | None = "main",
    head_repo: str | None = REPO,
    sha: str = SHA,
    status: str = "completed",
    conclusion: str | None = "failure",
    message: str = "Bump elixir",
    actor: str = "ana",
    triggering_actor: str = "",
    private: bool = False,
    installation: int | None = None,
    at: datetime = NOON,
) -> Json:
    """Return a `workflow_run` delivery; its action follows from *status*.

    Args:
        head_repo: The fork of a pull request; None once it is deleted.
    """
    mine = f"{API}/repos/{repo}/actions/runs/{run}"
    done = status == "completed"
    return {
        "action": status if status in ("completed", "in_progress") else "requested",
        "workflow_run": {
            "id": run,
            "name": workflow,
            "node_id": f"WFR_{run}",
            "check_suite_id": run,
            "check_suite_node_id": f"CS_{run}",
            "head_branch": branch,
            "head_sha": sha,
            "path": _path(workflow),
            "display_title": message.partition("\n")[0],
            "run_number": number,
            "run_attempt": attempt,
            "event": event,
            "status": status,
            "conclusion": conclusion if done else None,
            "workflow_id": number_of(f"{repo} {workflow}"),
            "url": mine,
            "html_url": f"{WEB}/{repo}/actions/runs/{run}",
            "pull_requests": [],
            "created_at": stamp(at),
            "updated_at": stamp(at),
            "run_started_at": stamp(at),
            "actor": account(actor),
            "triggering_actor": account(triggering_actor or actor),
            "referenced_workflows": [],
            **{f"{link}_url": f"{mine}/{link}" for link in RUN_LINKS},
            "previous_attempt_url": f"{mine}/attempts/{attempt - 1}" if attempt > 1 else None,
            "head_commit": head_commit(sha, message=message, author=actor, at=at),
            "repository": short_repository(repo, private=private),
            "head_repository": short_repository(head_repo) if head_repo else None,
        },
        "workflow": _workflow(repo, workflow, at),
        **_about(repo, private=private, sender=triggering_actor or actor),
        **_installed(installation),
    }


RUN_LINKS: Final = (
    "jobs",
    "logs",
    "check_suite",
    "artifacts",
    "cancel",
    "rerun",
    "workflow",
)


def _path(workflow: str) -> str:
    return f".github/workflows/{workflow.lower()}.yml"


def _workflow(repo: str, name: str, at: datetime) -> Json:
    id = number_of(f"{repo} {name}")
    return {
        "id": id,
        "node_id": f"W_{id}",
        "name": name,
        "path": _path(name),
        "state": "active",
        "created_at": stamp(at),
        "updated_at": stamp(at),
        "url": f"{API}/repos/{repo}/actions/workflows/{id}",
        "html_url": f"{WEB}/{repo}/blob/main/{_path(name)}",
        "badge_url": f"{WEB}/{repo}/workflows/{name}/badge.svg",
    }


def workflow_job(
    *,
    repo: str = REPO,
    workflow: str = "CI",
    run: int = 812,
    attempt: int = 1,
    job: int = 9001,
    name: str = "build",
    branch: str | None = "main",
    sha: str = SHA,
    status: str = "completed",
    conclusion: str | None = "failure",
    failed_step: str = "Build and push",
    private: bool = False,
    installation: int | None = None,
    at: datetime = NOON,
) -> Json:
    """Return a `workflow_job` delivery; its second step broke if the job did."""
    done = status == "completed"
    verdict = conclusion if done else None
    return {
        "action": status,
        "workflow_job": {
            "id": job,
            "run_id": run,
            "run_attempt": attempt,
            "workflow_name": workflow,
            "head_branch": branch,
            "run_url": f"{API}/repos/{repo}/actions/runs/{run}",
            "node_id": f"CR_{job}",
            "head_sha": sha,
            "url": f"{API}/repos/{repo}/actions/jobs/{job}",
            "html_url": f"{WEB}/{repo}/actions/runs/{run}/job/{job}",
            "status": status,
            "conclusion": verdict,
            "created_at": stamp(at),
            "started_at": stamp(at),
            "completed_at": stamp(at) if done else None,
            "name": name,
            "steps": [
                _step(1, "Set up job", "success", at),
                _step(2, failed_step, verdict, at),
                _step(3, "Complete job", "success" if done else None, at),
            ],
            "check_run_url": f"{API}/repos/{repo}/check-runs/{job}",
            "labels": ["ubuntu-latest"],
            "runner_id": 42,
            "runner_name": "GitHub Actions 42",
            "runner_group_id": 0,
            "runner_group_name": "GitHub Actions",
        },
        **_about(repo, private=private),
        **_installed(installation),
    }


def _step(number: int, name: str, conclusion: str | None, at: datetime) -> Json:
    return {
        "number": number,
        "name": name,
        "status": "completed" if conclusion else "in_progress",
        "conclusion": conclusion,
        "started_at": stamp(at),
        "completed_at": stamp(at) if conclusion else None,
    }


def push(
    *, repo: str = REPO, branch: str = "main", tag: str = "", deleted: bool = False, sha: str = SHA
) -> Json:
    """Return a `push` delivery of a branch, or of *tag*; their times are numbers, as of old."""
    seconds = int(NOON.timestamp())
    times = {"created_at": seconds, "pushed_at": seconds, "master_branch": "main", "stargazers": 0}
    return {
        "ref": f"refs/tags/{tag}" if tag else f"refs/heads/{branch}",
        "before": NOBODY,
        "after": NOBODY if deleted else sha,
        "created": not deleted,
        "deleted": deleted,
        "forced": False,
        "base_ref": None,
        "compare": f"{WEB}/{repo}/compare/{sha[:12]}",
        "commits": [],
        "head_commit": None,
        "pusher": {"name": "ana", "email": "ana@users.example"},
        "repository": repository(repo) | times,
        "sender": account("ana"),
    }


def create(*, repo: str = REPO, name: str = "v1.0.0", kind: str = "tag") -> Json:
    return {
        "ref": name,
        "ref_type": kind,
        "master_branch": "main",
        "description": None,
        "pusher_type": "user",
        **_about(repo),
    }


def delete(*, repo: str = REPO, name: str = "feature", kind: str = "branch") -> Json:
    return {"ref": name, "ref_type": kind, "pusher_type": "user", **_about(repo)}
