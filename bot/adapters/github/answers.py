"""What only GitHub's REST API answers, as far as we read it."""

from bot.adapters.github.shapes import Account, Author, Count, Id, Shape, Time, WorkflowJob


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
