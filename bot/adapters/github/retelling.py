"""What we found out ourselves, written as GitHub would have delivered it."""

from datetime import datetime

import msgspec

from bot.domain.events import RETOLD, Delivery
from bot.domain.ids import DeliveryId
from bot.domain.run import Job, Repository, Run, Step
from bot.ports.retelling import Retelling

Json = dict[str, object]


class GitHubRetelling:
    """Writes only what our reader reads, so that a row stays small."""

    def run(self, repo: Repository, run: Run, *, at: datetime, outdated: bool = False) -> Delivery:
        payload = {"action": run.status, "workflow_run": _run(run), **_about(repo)}
        if outdated:
            payload["outdated"] = True
        news = f"{run.id}-{run.attempt}-{run.conclusion or run.status}"
        return _delivery("workflow_run", news, payload, repo, at)

    def job(self, repo: Repository, job: Job, *, at: datetime) -> Delivery:
        payload = {
            "action": job.status,
            "workflow_job": _job(job),
            "retold": True,  # so where it deploys to is left out
            **_about(repo),
        }
        news = f"job-{job.id}-{job.conclusion or job.status}"
        return _delivery("workflow_job", news, payload, repo, at)


def _delivery(event: str, news: str, payload: Json, repo: Repository, at: datetime) -> Delivery:
    return Delivery(
        id=DeliveryId(f"{RETOLD}{news}"),
        event=event,
        repo=repo.id,
        received_at=at,
        body=msgspec.json.encode(payload),
    )


def _about(repo: Repository) -> Json:
    about: Json = {
        "repository": {
            "id": repo.id,
            "full_name": repo.full_name,
            "private": repo.private,
            "default_branch": repo.default_branch,
            "html_url": repo.url,
            "updated_at": repo.updated_at,
        }
    }
    if repo.installation is not None:
        about["installation"] = {"id": repo.installation}
    return about


def _run(run: Run) -> Json:
    return {
        "id": run.id,
        "run_attempt": run.attempt,
        "run_number": run.number,
        "workflow_id": run.workflow,
        "name": run.workflow_name,
        "event": run.event,
        "head_branch": run.head_branch,
        "head_sha": run.sha,
        "head_repository": None if run.head_repo is None else {"id": run.head_repo},
        "head_commit": {"author": {"name": run.author}},
        "display_title": run.title,
        "status": run.status,
        "conclusion": run.conclusion,
        "actor": {"login": run.actor},
        "triggering_actor": {"login": run.triggering_actor},
        "html_url": run.url,
        "created_at": run.created_at,
        "updated_at": run.updated_at,
    }


def _job(job: Job) -> Json:
    return {
        "id": job.id,
        "run_id": job.run,
        "run_attempt": job.attempt,
        "name": job.name,
        "status": job.status,
        "conclusion": job.conclusion,
        "steps": [_step(step) for step in job.steps],
        "html_url": job.url,
        "started_at": job.started_at,
        "completed_at": job.completed_at,
    }


def _step(step: Step) -> Json:
    return {
        "number": step.number,
        "name": step.name,
        "conclusion": step.conclusion,
        "started_at": step.started_at,
        "completed_at": step.completed_at,
    }


def _promise(retelling: GitHubRetelling) -> Retelling:
    return retelling
