"""Workflows, runs, attempts, jobs and annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.standins.github.views import commits, pulls, repositories
from bot.standins.github.views.accounts import account
from bot.standins.github.views.urls import Json, Urls, moment, node, path

if TYPE_CHECKING:
    from bot.standins.github.jobs import Annotation, Job, Step
    from bot.standins.github.runs import Attempt, Run
    from bot.standins.github.workflows import Workflow


def workflow(shown: Workflow, urls: Urls) -> Json:
    page = urls.page(shown.repository)
    branch = shown.repository.default_branch
    return {
        "id": shown.id,
        "node_id": node("Workflow", shown.id),
        "name": shown.name,
        "path": shown.path,
        "state": shown.state,
        "created_at": moment(shown.created_at),
        "updated_at": moment(shown.updated_at),
        "url": f"{urls.repo(shown.repository)}/actions/workflows/{shown.id}",
        "html_url": f"{page}/blob/{branch}/{shown.path}",
        "badge_url": f"{page}/workflows/{path(shown.name)}/badge.svg",
    }


def run(shown: Run, urls: Urls, attempt: Attempt | None = None) -> Json:
    """Return a run as of one attempt, the newest if none is named."""
    tried = attempt or shown.attempt
    head = shown.head_repository
    mine = f"{urls.repo(shown.repository)}/actions/runs/{shown.id}"
    suite = f"{urls.repo(shown.repository)}/check-suites/{shown.id}"
    commit = shown.repository.history.find(shown.sha)
    title = commit.message.splitlines()[0] if commit and commit.message else shown.workflow.name
    earlier = f"{mine}/attempts/{tried.number - 1}" if tried.number > 1 else None
    return {
        "id": shown.id,
        "name": shown.workflow.name,
        "node_id": node("WorkflowRun", shown.id),
        "check_suite_id": shown.id,
        "check_suite_node_id": node("CheckSuite", shown.id),
        "head_branch": shown.branch,
        "head_sha": shown.sha,
        "path": shown.workflow.path,
        "display_title": shown.pull.title if shown.pull else title,
        "run_number": shown.run_number,
        "run_attempt": tried.number,
        "event": shown.event,
        "status": tried.status,
        "conclusion": tried.conclusion,
        "workflow_id": shown.workflow.id,
        "url": mine,
        "html_url": f"{urls.page(shown.repository)}/actions/runs/{shown.id}",
        "pull_requests": _pulls(shown, urls),
        "created_at": moment(shown.created_at),
        "updated_at": moment(tried.updated_at),
        "run_started_at": moment(tried.started_at),
        "actor": account(shown.actor, urls),
        "triggering_actor": account(tried.actor, urls),
        "referenced_workflows": [],
        "jobs_url": f"{mine}/jobs",
        "logs_url": f"{mine}/logs",
        "check_suite_url": suite,
        "artifacts_url": f"{mine}/artifacts",
        "cancel_url": f"{mine}/cancel",
        "rerun_url": f"{mine}/rerun",
        "previous_attempt_url": earlier,
        "workflow_url": f"{urls.repo(shown.repository)}/actions/workflows/{shown.workflow.id}",
        "head_commit": commits.in_run(commit) if commit else None,
        "repository": repositories.short(shown.repository, urls),
        "head_repository": None if head.deleted else repositories.short(head, urls),
    }


def job(shown: Job, urls: Urls) -> Json:
    owner = shown.run
    repo = urls.repo(owner.repository)
    page = f"{urls.page(owner.repository)}/actions/runs/{owner.id}/job/{shown.id}"
    started = shown.started_at is not None
    return {
        "id": shown.id,
        "run_id": owner.id,
        "workflow_name": owner.workflow.name,
        "head_branch": owner.branch,
        "run_url": f"{repo}/actions/runs/{owner.id}",
        "run_attempt": shown.attempt,
        "node_id": node("CheckRun", shown.id),
        "head_sha": owner.sha,
        "url": f"{repo}/actions/jobs/{shown.id}",
        "html_url": page,
        "status": shown.status,
        "conclusion": shown.conclusion,
        "created_at": moment(shown.created_at),
        "started_at": moment(shown.started_at or shown.created_at),
        "completed_at": moment(shown.completed_at),
        "name": shown.name,
        "steps": [_step(step) for step in shown.steps] if started else [],
        "check_run_url": f"{repo}/check-runs/{shown.id}",
        "labels": list(shown.labels),
        "runner_id": 42 if started else None,
        "runner_name": "GitHub Actions 42" if started else None,
        "runner_group_id": 0 if started else None,
        "runner_group_name": "GitHub Actions" if started else None,
    }


def check_run(shown: Job, urls: Urls) -> Json:
    """Return the check run that a job is, under the same id."""
    as_job = job(shown, urls)
    kept = ("id", "node_id", "head_sha", "status", "conclusion", "started_at", "completed_at")
    return {name: as_job[name] for name in (*kept, "name", "html_url")} | {
        "external_id": "",
        "url": as_job["check_run_url"],
        "details_url": as_job["html_url"],
        "check_suite": {"id": shown.run.id},
        "app": None,
        "pull_requests": _pulls(shown.run, urls),
        "output": {
            "title": None,
            "summary": None,
            "text": None,
            "annotations_count": len(shown.annotations),
            "annotations_url": f"{as_job['check_run_url']}/annotations",
        },
    }


def annotation(shown: Annotation, of: Job, urls: Urls) -> Json:
    repository = of.run.repository
    return {
        "path": shown.path,
        "blob_href": f"{urls.page(repository)}/blob/{of.run.sha}/{path(shown.path)}",
        "start_line": shown.line,
        "start_column": None,
        "end_line": shown.line,
        "end_column": None,
        "annotation_level": shown.level,
        "title": shown.title,
        "message": shown.message,
        "raw_details": None,
    }


def _step(step: Step) -> Json:
    return {
        "name": step.name,
        "status": step.status,
        "conclusion": step.conclusion,
        "number": step.number,
        "started_at": moment(step.started_at),
        "completed_at": moment(step.completed_at),
    }


def _pulls(shown: Run, urls: Urls) -> list[Json]:
    """List the pull requests, which GitHub leaves out for forks and closed ones."""
    pull = shown.pull
    if pull is None or pull.from_fork or pull.state == "closed":
        return []
    return [pulls.in_run_list(pull, urls)]
