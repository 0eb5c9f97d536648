"""Pull requests, also those from forks, and the merge queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bot.standins.github.happenings import MergeGroupChanged, PullRequestChanged

if TYPE_CHECKING:
    from datetime import datetime

    from bot.standins.github.git import Commit
    from bot.standins.github.repository import Repository
    from bot.standins.github.world import Account


@dataclass(slots=True, kw_only=True, eq=False)
class PullRequest:
    """A wish to merge a branch, of this repository or of a fork."""

    id: int
    number: int
    repository: Repository
    base: str
    head_repository: Repository
    head: str
    head_sha: str
    title: str
    author: Account
    created_at: datetime
    closed_at: datetime | None = None
    merged_at: datetime | None = None

    @property
    def from_fork(self) -> bool:
        return self.head_repository is not self.repository

    @property
    def state(self) -> str:
        return "open" if self.closed_at is None else "closed"

    def push(self, *messages: str) -> Commit:
        """Push more commits to the head branch; the pull request follows."""
        before = self.head_sha
        commit = self.head_repository.push(self.head, *messages, author=self.author.login)
        self.head_sha = commit.sha
        self.repository.world.emit(
            PullRequestChanged(
                sender=self.author,
                repository=self.repository,
                pull=self,
                action="synchronize",
                before=before,
            )
        )
        return commit

    def close(self, *, merged: bool = False, by: str | None = None) -> None:
        """Close it; a merge moves the base branch to the head commit."""
        now = self.repository.world.now()
        self.closed_at = now
        if merged:
            self.merged_at = now
            self.repository.branches[self.base] = self.head_sha
        self._tell("closed", by)

    def reopen(self, *, by: str | None = None) -> None:
        self.closed_at = None
        self._tell("reopened", by)

    def _tell(self, action: Literal["closed", "reopened"], by: str | None) -> None:
        sender = self.repository.world.account(by) if by else self.author
        self.repository.world.emit(
            PullRequestChanged(
                sender=sender,
                repository=self.repository,
                pull=self,
                action=action,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntry:
    """A pull request in the merge queue, tested on a branch that lives once."""

    pull: PullRequest
    branch: str
    sha: str
    base_sha: str

    def leave(self, *, merged: bool = False) -> None:
        """Take the entry out of the queue and drop its branch."""
        repository = self.pull.repository
        repository.branches.pop(self.branch, None)
        repository.world.emit(
            MergeGroupChanged(
                sender=self.pull.author,
                repository=repository,
                entry=self,
                action="destroyed",
                reason="merged" if merged else "dequeued",
            )
        )
        if merged:
            self.pull.close(merged=True)
