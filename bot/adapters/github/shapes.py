"""GitHub's JSON as far as we read it; runs and jobs look alike in webhooks and REST answers.

All but ids may be missing or null: the oldest payload shapes lack much, GitHub Enterprise
servers lag behind, and a fork's data vanishes with the fork.
"""

from typing import Annotated, Any

import msgspec

Id = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]  # what a database column holds
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Time = str | int | None  # pushes give some as seconds since 1970


class Shape(msgspec.Struct, kw_only=True):
    """What we know of an object; keys that it has beside these are skipped."""


class Account(Shape):
    login: str | None = None


class Repository(Shape):
    id: Id
    full_name: str | None = None
    private: bool | None = None
    default_branch: str | None = None
    html_url: str | None = None
    updated_at: Time = None


class RepositoryName(Shape):
    id: Id


class Author(Shape):
    name: str | None = None


class HeadCommit(Shape):
    message: str | None = None
    author: Author | None = None


class Workflow(Shape):
    id: Id | None = None
    name: str | None = None
    path: str | None = None
    state: str | None = None


class WorkflowRun(Shape):
    id: Id
    workflow_id: Id | None = None
    run_number: Count | None = None
    run_attempt: Count | None = None
    name: str | None = None
    path: str | None = None
    event: str | None = None
    head_branch: str | None = None
    head_sha: str | None = None
    repository: RepositoryName | None = None
    head_repository: RepositoryName | None = None
    head_commit: HeadCommit | None = None
    display_title: str | None = None
    status: str | None = None
    conclusion: str | None = None
    actor: Account | None = None
    triggering_actor: Account | None = None
    html_url: str | None = None
    created_at: Time = None
    updated_at: Time = None


class Step(Shape):
    number: Count | None = None
    name: str | None = None
    conclusion: str | None = None
    started_at: Time = None
    completed_at: Time = None


class WorkflowJob(Shape):
    id: Id
    run_id: Id
    run_attempt: Count | None = None
    name: str | None = None
    status: str | None = None
    conclusion: str | None = None
    steps: list[Step] | None = None
    html_url: str | None = None
    started_at: Time = None
    completed_at: Time = None


class Deployment(Shape):
    environment: str | None = None


class PullHead(Shape):
    ref: str | None = None
    repo: RepositoryName | None = None


class PullRequest(Shape):
    number: Count
    state: str | None = None
    head: PullHead | None = None


class Installation(Shape):
    id: Id


class Payload(Shape):
    """Every key that any delivery we hear may have."""

    action: str | None = None
    repository: Repository | None = None
    installation: Installation | None = None
    workflow: Workflow | None = None
    workflow_run: WorkflowRun | None = None
    workflow_job: WorkflowJob | None = None
    deployment: Deployment | None = None
    pull_request: PullRequest | None = None
    ref: str | None = None
    ref_type: str | None = None
    deleted: bool | None = None
    repositories: list[RepositoryName] | None = None
    repositories_removed: list[RepositoryName] | None = None
    hook_id: Id | None = None
    outdated: bool | None = None
    retold: bool | None = None
    """Ours, both: GitHub sends no such keys."""


class Envelope(Shape):
    """The key of a delivery, read before it is stored; whatever else it holds comes later."""

    repository: RepositoryName | None = None


class OddEnvelope(Shape):
    """A delivery whose repository is not what GitHub describes; it is stored all the same."""

    repository: Any = None
