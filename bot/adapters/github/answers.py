"""What only GitHub's REST API answers, as far as we read it."""

import msgspec

from bot.adapters.github.shapes import (
    Account,
    Author,
    Count,
    Id,
    Repository,
    Shape,
    Time,
    WorkflowJob,
    WorkflowRun,
)


class CommitBody(Shape):
    message: str | None = None
    author: Author | None = None


class Commit(Shape):
    sha: str
    commit: CommitBody | None = None
    author: Account | None = None
    html_url: str | None = None


class Comparison(Shape):
    total_commits: Count
    commits: list[Commit]


class JobPage(Shape):
    jobs: list[WorkflowJob]


class RunPage(Shape):
    workflow_runs: list[WorkflowRun]


class Deployment(Shape):
    created_at: Time = None


class Annotation(Shape):
    message: str | None = None
    annotation_level: str | None = None
    title: str | None = None
    path: str | None = None


class HeadRepository(Shape):
    owner: Account


class Permission(Shape):
    permission: str | None = None


class ReachableRepository(Shape):
    full_name: str


class RepositoryPage(Shape):
    repositories: list[ReachableRepository]


class InstalledRepositories(Shape):
    repositories: list[Repository]


class HookConfig(Shape):
    url: str | None = None


class Hook(Shape):
    id: Id
    active: bool | None = None
    config: HookConfig | None = None


class LoggedDelivery(Shape):
    id: Id
    guid: str
    event: str
    delivered_at: Time = None
    action: str | None = None
    status: str | None = None
    status_code: int | None = None
    redelivery: bool | None = None
    repository_id: Id | None = None


class LoggedRequest(Shape):
    payload: msgspec.Raw


class LoggedDeliveryWithPayload(LoggedDelivery, kw_only=True):
    request: LoggedRequest


class App(Shape):
    name: str | None = None
    permissions: dict[str, str] | None = None
    events: list[str] | None = None


class Installed(Shape):
    id: Id
    account: Account | None = None
    permissions: dict[str, str] | None = None
    suspended_at: Time = None


class Problem(Shape):
    message: str | None = None
