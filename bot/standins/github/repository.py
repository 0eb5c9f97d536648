"""A repository: its refs, its people, and what befalls it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from bot.standins.github.git import Commit, History
from bot.standins.github.happenings import (
    MergeGroupChanged,
    Pinged,
    PullRequestChanged,
    Pushed,
    RefCreated,
    RefDeleted,
    ReleasePublished,
    RepositoryChanged,
)
from bot.standins.github.hooks import Hook
from bot.standins.github.pulls import PullRequest, QueueEntry
from bot.standins.github.releases import Release
from bot.standins.github.workflows import Workflow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.standins.github.deployments import Deployment
    from bot.standins.github.happenings import RefKind
    from bot.standins.github.runs import Run
    from bot.standins.github.world import Account, World

ROLES: Final = ("none", "read", "triage", "write", "maintain", "admin")
Change = Literal["archived", "deleted", "privatized", "publicized", "renamed"]


class Repository:
    """A repository with one commit on its default branch."""

    def __init__(  # noqa: PLR0913 - keyword-only but for the world
        self,
        world: World,
        *,
        owner: Account,
        name: str,
        private: bool = False,
        default_branch: str = "main",
        parent: Repository | None = None,
    ) -> None:
        self.world = world
        self.id = world.next_id("repository")
        self.owner = owner
        self.name = name
        self.private = private
        self.default_branch = default_branch
        self.parent = parent
        self.archived = False
        self.deleted = False
        self.created_at = world.now()
        self.branches: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.workflows: list[Workflow] = []
        self.pulls: list[PullRequest] = []
        self.releases: list[Release] = []
        self.deployments: list[Deployment] = []
        self.hooks: list[Hook] = []
        self.roles: dict[str, str] = {}
        self.old_names: set[str] = set()
        self.history: History = parent.history if parent else History()
        if parent:
            self.branches.update(parent.branches)
        else:
            self.commit("Begin", author="ana")

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    def sha_of(self, name: str) -> str:
        """Return the commit that a branch or a tag points to."""
        return self.branches[name] if name in self.branches else self.tags[name]

    def runs(self) -> list[Run]:
        """Return every run, newest first."""
        every = [run for workflow in self.workflows for run in workflow.runs]
        return sorted(every, key=lambda run: run.id, reverse=True)

    def role_of(self, account: Account) -> str:
        """Return what this account may do here; anyone reads what is public."""
        if account is self.owner:
            return "admin"
        return self.roles.get(account.login, "none" if self.private else "read")

    # People and hooks

    def grant(self, login: str, role: str) -> None:
        """Give *login* one of `ROLES` here."""
        self.world.account(login)
        self.roles[login] = ROLES[ROLES.index(role)]

    def hook(self, url: str, *, secret: str, events: Iterable[str] = ("*",)) -> Hook:
        """Register a webhook; GitHub pings it at once."""
        hook = Hook(
            id=self.world.next_id("hook"),
            url=url,
            secret=secret,
            events=frozenset(events),
            repository=self,
            created_at=self.world.now(),
        )
        self.hooks.append(hook)
        self.world.emit(Pinged(sender=self.owner, repository=self, hook=hook))
        return hook

    # Commits and refs

    def commit(self, message: str, *, branch: str | None = None, author: str = "ana") -> Commit:
        """Add a commit to a branch without telling anyone; `push` tells."""
        name = branch or self.default_branch
        parent = self.branches.get(name) or self.branches.get(self.default_branch)
        made = Commit(
            sha=self.world.next_sha(),
            tree=self.world.next_sha(),
            message=message,
            author=self.world.account(author),
            at=self.world.now(),
            parents=(parent,) if parent else (),
        )
        self.history.add(made)
        self.branches[name] = made.sha
        return made

    def push(self, branch: str, *messages: str, author: str = "ana") -> Commit:
        """Push one commit a message to a branch, which is made if there is none."""
        before = self.branches.get(branch)
        made = [self.commit(text, branch=branch, author=author) for text in messages or ("Work",)]
        if before is None:
            self._ref_created("branch", branch, author)
        self._pushed(
            kind="branch", name=branch, before=before, after=made[-1].sha, commits=made, by=author
        )
        return made[-1]

    def tag(self, name: str, *, sha: str | None = None, author: str = "ana") -> str:
        """Push a tag, by default of the newest commit, and return what it points to."""
        before = self.tags.get(name)
        self.tags[name] = sha or self.branches[self.default_branch]
        commit = self.history.find(self.tags[name])
        if before is None:
            self._ref_created("tag", name, author)
        self._pushed(
            kind="tag",
            name=name,
            before=before,
            after=self.tags[name],
            commits=[commit] if commit else [],
            by=author,
        )
        return self.tags[name]

    def delete_branch(self, name: str, *, by: str = "ana") -> None:
        self._ref_deleted("branch", name, self.branches.pop(name), by)

    def delete_tag(self, name: str, *, by: str = "ana") -> None:
        self._ref_deleted("tag", name, self.tags.pop(name), by)

    # Workflows, pull requests, releases

    def workflow(self, name: str, *, path: str | None = None) -> Workflow:
        """Return the live workflow of this name, made at its first mention."""
        for workflow in self.workflows:
            if workflow.name == name and workflow.state != "deleted":
                return workflow
        return self.add_workflow(name, path or f".github/workflows/{name.lower()}.yml")

    def add_workflow(self, name: str, path: str) -> Workflow:
        now = self.world.now()
        workflow = Workflow(
            id=self.world.next_id("workflow"),
            repository=self,
            name=name,
            path=path,
            created_at=now,
            updated_at=now,
        )
        self.workflows.append(workflow)
        return workflow

    def open_pull(
        self,
        head: str,
        *,
        fork: Repository | None = None,
        base: str | None = None,
        author: str = "ana",
        title: str | None = None,
    ) -> PullRequest:
        """Open a pull request from a branch of this repository, or of *fork*."""
        source = fork or self
        pull = PullRequest(
            id=self.world.next_id("pull"),
            number=len(self.pulls) + 1,
            repository=self,
            base=base or self.default_branch,
            head_repository=source,
            head=head,
            head_sha=source.branches[head],
            title=title or f"Merge {head}",
            author=self.world.account(author),
            created_at=self.world.now(),
        )
        self.pulls.append(pull)
        self.world.emit(
            PullRequestChanged(sender=pull.author, repository=self, pull=pull, action="opened")
        )
        return pull

    def enqueue(self, pull: PullRequest) -> QueueEntry:
        """Put a pull request into the merge queue, on a branch of its own."""
        base_sha = self.branches[pull.base]
        name = f"gh-readonly-queue/{pull.base}/pr-{pull.number}-{base_sha}"
        self.branches[name] = pull.head_sha
        entry = QueueEntry(
            pull=pull,
            branch=name,
            sha=self.commit(f"Merge {pull.title}", branch=name, author=pull.author.login).sha,
            base_sha=base_sha,
        )
        self.world.emit(
            MergeGroupChanged(
                sender=pull.author, repository=self, entry=entry, action="checks_requested"
            )
        )
        return entry

    def release(self, tag: str, *, prerelease: bool = False, author: str = "ana") -> Release:
        """Publish a release; its tag is pushed if there is none."""
        if tag not in self.tags:
            self.tag(tag, author=author)
        release = Release(
            id=self.world.next_id("release"),
            repository=self,
            tag=tag,
            author=self.world.account(author),
            published_at=self.world.now(),
            prerelease=prerelease,
        )
        self.releases.append(release)
        self.world.emit(ReleasePublished(sender=release.author, repository=self, release=release))
        return release

    # What befalls the whole repository

    def privatize(self) -> None:
        self.private = True
        self._changed("privatized")

    def publicize(self) -> None:
        self.private = False
        self._changed("publicized")

    def archive(self) -> None:
        self.archived = True
        self._changed("archived")

    def rename(self, name: str) -> None:
        self.old_names.add(self.full_name.lower())
        before, self.name = self.name, name
        self._changed("renamed", {"repository": {"name": {"from": before}}})

    def delete(self) -> None:
        self.deleted = True
        self._changed("deleted")

    def _changed(self, action: Change, changes: dict[str, object] | None = None) -> None:
        self.world.emit(
            RepositoryChanged(sender=self.owner, repository=self, action=action, changes=changes)
        )

    def _ref_created(self, kind: RefKind, name: str, by: str) -> None:
        sender = self.world.account(by)
        self.world.emit(RefCreated(sender=sender, repository=self, kind=kind, name=name))

    def _ref_deleted(self, kind: RefKind, name: str, sha: str, by: str) -> None:
        sender = self.world.account(by)
        self.world.emit(RefDeleted(sender=sender, repository=self, kind=kind, name=name))
        self._pushed(kind=kind, name=name, before=sha, after=None, commits=[], by=by)

    def _pushed(  # noqa: PLR0913 - keyword-only; a push has this many sides
        self,
        *,
        kind: RefKind,
        name: str,
        before: str | None,
        after: str | None,
        commits: list[Commit],
        by: str,
    ) -> None:
        self.world.emit(
            Pushed(
                sender=self.world.account(by),
                repository=self,
                kind=kind,
                name=name,
                before=before,
                after=after,
                commits=commits,
            )
        )
