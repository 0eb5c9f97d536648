"""What can happen on GitHub that a webhook tells of; `payloads.py` puts it into JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.standins.github.apps import Installation
    from bot.standins.github.git import Commit
    from bot.standins.github.hooks import Hook
    from bot.standins.github.jobs import Job
    from bot.standins.github.pulls import PullRequest, QueueEntry
    from bot.standins.github.releases import Release
    from bot.standins.github.repository import Repository
    from bot.standins.github.runs import Run
    from bot.standins.github.world import Account

RefKind = Literal["branch", "tag"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened, by whom, and where if in a repository."""

    sender: Account
    repository: Repository | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunChanged(Happening):
    run: Run
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobChanged(Happening):
    job: Job
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed(Happening):
    kind: RefKind
    name: str
    before: str | None
    after: str | None
    commits: Sequence[Commit] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefCreated(Happening):
    kind: RefKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefDeleted(Happening):
    kind: RefKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestChanged(Happening):
    pull: PullRequest
    action: Literal["opened", "synchronize", "closed", "reopened"]
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeGroupChanged(Happening):
    entry: QueueEntry
    action: Literal["checks_requested", "destroyed"]
    reason: Literal["merged", "invalidated", "dequeued"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePublished(Happening):
    release: Release


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryChanged(Happening):
    action: Literal["archived", "deleted", "privatized", "publicized", "renamed"]
    changes: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationChanged(Happening):
    installation: Installation
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationRepositoriesChanged(Happening):
    installation: Installation
    action: str
    repositories: Sequence[Repository]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinged(Happening):
    hook: Hook
