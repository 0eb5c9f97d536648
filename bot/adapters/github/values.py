"""GitHub's objects as our values."""

from datetime import datetime
from typing import Final

from bot.adapters.github import answers, shapes
from bot.adapters.github.wording import TITLE_CHARS, moment, one_line
from bot.domain.errors import PermanentError
from bot.domain.ids import InstallationId, JobId, RepoId, RunId, WorkflowId
from bot.domain.run import (
    Annotation,
    Commit,
    Conclusion,
    Job,
    Repository,
    Run,
    Status,
    Step,
)

SHA_CHARS: Final = 64  # SHA-256 in hexadecimal


def repository(
    raw: shapes.Repository, *, installation: InstallationId | None, seen_at: datetime
) -> Repository:
    """Return a repository; what does not say whether it is private counts as private."""
    if not raw.full_name:
        msg = f"Repository {raw.id} has no full_name."
        raise PermanentError(msg)
    return Repository(
        id=RepoId(raw.id),
        full_name=one_line(raw.full_name),
        private=raw.private is not False,
        default_branch=raw.default_branch or "main",
        url=raw.html_url or "",
        installation=installation,
        updated_at=moment(raw.updated_at, latest=seen_at),
    )


def run(
    raw: shapes.WorkflowRun,
    *,
    repo: RepoId,
    seen_at: datetime,
    workflow: shapes.Workflow | None = None,
) -> Run:
    """Return a run; *workflow* is what the payload says of it beside the run itself."""
    workflow_id = raw.workflow_id or (workflow and workflow.id)
    if not workflow_id:
        msg = f"Run {raw.id} does not say which workflow it is of."
        raise PermanentError(msg)
    updated_at = moment(raw.updated_at, latest=seen_at) or seen_at
    commit = raw.head_commit or shapes.HeadCommit()
    return Run(
        id=RunId(raw.id),
        attempt=max(raw.run_attempt or 1, 1),
        number=raw.run_number or 0,
        repo=repo,
        workflow=WorkflowId(workflow_id),
        workflow_name=_workflow_name(raw, workflow),
        event=one_line(raw.event),
        head_branch=raw.head_branch,
        head_repo=RepoId(raw.head_repository.id) if raw.head_repository else None,
        sha=one_line(raw.head_sha, most=SHA_CHARS),
        status=_status(raw.status, raw.conclusion),
        conclusion=_conclusion(raw.status, raw.conclusion),
        title=one_line(raw.display_title or commit.message, most=TITLE_CHARS),
        actor=_login(raw.actor),
        triggering_actor=_login(raw.triggering_actor),
        author=one_line(commit.author.name if commit.author else ""),
        url=raw.html_url or "",
        created_at=moment(raw.created_at, latest=seen_at) or updated_at,
        updated_at=updated_at,
    )


def _workflow_name(raw: shapes.WorkflowRun, workflow: shapes.Workflow | None) -> str:
    named = (workflow.name if workflow else "") or raw.name
    path = raw.path or (workflow.path if workflow else "") or ""
    # A run's path ends in "@" and a ref where the workflow is another repository's.
    return one_line(named) or one_line(path.split("@")[0].rsplit("/", 1)[-1]) or "a workflow"


def job(
    raw: shapes.WorkflowJob,
    *,
    seen_at: datetime,
    environment: str | None = None,
    delivered: bool = False,
) -> Job:
    return Job(
        id=JobId(raw.id),
        run=RunId(raw.run_id),
        attempt=max(raw.run_attempt or 1, 1),
        name=one_line(raw.name) or f"job {raw.id}",
        status=_status(raw.status, raw.conclusion),
        conclusion=_conclusion(raw.status, raw.conclusion),
        steps=tuple(_step(step, seen_at) for step in raw.steps or ()),
        url=raw.html_url or "",
        environment=one_line(environment),
        delivered=delivered,
        started_at=moment(raw.started_at, latest=seen_at),
        completed_at=moment(raw.completed_at, latest=seen_at),
    )


def _step(raw: shapes.Step, seen_at: datetime) -> Step:
    return Step(
        number=raw.number or 0,
        name=one_line(raw.name),
        conclusion=_word(raw.conclusion) if raw.conclusion else None,
        started_at=moment(raw.started_at, latest=seen_at),
        completed_at=moment(raw.completed_at, latest=seen_at),
    )


def commit(raw: answers.Commit) -> Commit:
    body = raw.commit or answers.CommitBody()
    return Commit(
        sha=one_line(raw.sha, most=SHA_CHARS),
        title=one_line(body.message, most=TITLE_CHARS),
        author=_login(raw.author) or one_line(body.author.name if body.author else ""),
        url=raw.html_url or "",
    )


def annotation(raw: answers.Annotation) -> Annotation:
    """Return a note; its message keeps its lines, since it stands in for a log."""
    return Annotation(
        message=raw.message or "",
        level=one_line(raw.annotation_level),
        title=one_line(raw.title),
        path=one_line(raw.path),
    )


def _login(account: shapes.Account | None) -> str:
    return one_line(account.login) if account else ""


def _status(status: str | None, conclusion: str | None) -> Status:
    """Return how far it is; every shade of waiting, and what we do not know, is one."""
    if status == Status.COMPLETED or (status is None and conclusion):
        return Status.COMPLETED
    return Status.RUNNING if status == Status.RUNNING else Status.QUEUED


def _conclusion(status: str | None, conclusion: str | None) -> Conclusion | None:
    """Return how it ended; only what is completed has ended."""
    if _status(status, conclusion) is not Status.COMPLETED:
        return None
    return _word(conclusion)


def _word(conclusion: str | None) -> Conclusion:
    try:
        return Conclusion(conclusion or "")
    except ValueError:
        return Conclusion.UNKNOWN
