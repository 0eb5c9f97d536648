"""Who asks: what a token may see and do, and how it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from bot.standins.github.refusal import RefusalError, not_found
from bot.standins.github.repository import ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.standins.github.apps import App, Installation
    from bot.standins.github.repository import Repository
    from bot.standins.github.world import Account

OPEN_TO_ALL: Final = frozenset(
    {"actions", "checks", "contents", "deployments", "metadata", "pull_requests"}
)
"""What a public repository shows to anyone, whatever the token's permissions."""


@dataclass(frozen=True, slots=True)
class Need:
    """A repository permission, such as actions: write."""

    name: str
    level: str = "read"
    open_if_public: bool = True
    """Whether a public repository shows it to anyone; logs and hooks are not shown so."""

    def __str__(self) -> str:
        return f"{self.name}={self.level}"

    def met_by(self, permissions: Mapping[str, str]) -> bool:
        if self.name == "metadata":
            return True
        return permissions.get(self.name) in {"write", "admin", self.level}

    def free_in(self, repository: Repository) -> bool:
        public = self.open_if_public and not repository.private
        return public and self.level == "read" and self.name in OPEN_TO_ALL


class Caller(Protocol):
    """Whoever sent a request, by its token."""

    @property
    def account(self) -> Account | None:
        """Who its acts are told to be by."""

    @property
    def budget(self) -> str:
        """Whose rate limit its requests are counted against."""

    @property
    def scopes(self) -> tuple[str, ...] | None:
        """What a classic token was made for; None for every other kind."""

    def sees(self, repository: Repository) -> bool:
        """Say whether the repository exists as far as this caller can tell."""

    def check(self, repository: Repository, need: Need) -> None:
        """Refuse what the caller may not do.

        Raises:
            RefusalError: In the words that GitHub has for this kind of token.
        """


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Nobody: no token was sent."""

    account: Account | None = None
    budget: str = "anonymous"
    scopes: tuple[str, ...] | None = None

    def sees(self, repository: Repository) -> bool:
        return not repository.private

    def check(self, repository: Repository, need: Need) -> None:
        if not need.free_in(repository):
            raise RefusalError(401, "Requires authentication")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCaller:
    """The app itself, by a JWT; it can ask about itself and make tokens, nothing else."""

    app: App
    account: Account | None = None
    scopes: tuple[str, ...] | None = None

    @property
    def budget(self) -> str:
        return f"app ID {self.app.id}"

    def sees(self, repository: Repository) -> bool:
        return any(i.covers(repository) for i in self.app.installations) or not repository.private

    def check(self, repository: Repository, need: Need) -> None:
        if not need.free_in(repository):
            raise RefusalError(403, "Resource not accessible by integration")


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationCaller:
    """An app in one of its installations."""

    installation: Installation
    permissions: Mapping[str, str]
    repositories: tuple[int, ...] | None
    expires_at: datetime
    scopes: tuple[str, ...] | None = None

    @property
    def account(self) -> Account:
        return self.installation.app.bot

    @property
    def budget(self) -> str:
        return f"installation ID {self.installation.id}"

    def sees(self, repository: Repository) -> bool:
        chosen = self.repositories is None or repository.id in self.repositories
        return (chosen and self.installation.covers(repository)) or not repository.private

    def check(self, repository: Repository, need: Need) -> None:
        if need.free_in(repository):
            return
        chosen = self.repositories is None or repository.id in self.repositories
        covered = chosen and self.installation.covers(repository)
        if not (covered and need.met_by(self.permissions)):
            raise RefusalError(
                403,
                "Resource not accessible by integration",
                headers={"X-Accepted-GitHub-Permissions": str(need)},
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCaller:
    """A person's token: classic with scopes, or fine-grained with permissions."""

    account: Account
    scopes: tuple[str, ...] | None = None
    permissions: Mapping[str, str] | None = None

    @property
    def budget(self) -> str:
        return f"user ID {self.account.id}"

    def sees(self, repository: Repository) -> bool:
        if not repository.private:
            return True
        reads = repository.role_of(self.account) != "none"
        return reads and (self.scopes is None or "repo" in self.scopes)

    def check(self, repository: Repository, need: Need) -> None:
        if need.free_in(repository):
            return
        if self.permissions is not None and not need.met_by(self.permissions):
            raise RefusalError(
                403,
                "Resource not accessible by personal access token",
                headers={"X-Accepted-GitHub-Permissions": str(need)},
            )
        role = repository.role_of(self.account)
        if need.name == "repository_hooks" and role != "admin":
            raise not_found()
        if ROLES.index(role) < ROLES.index("write" if need.level == "write" else "read"):
            raise RefusalError(403, "Must have admin rights to Repository.")
        if self.scopes is not None and not {"repo", "public_repo"} & {*self.scopes}:
            raise RefusalError(403, "Must have admin rights to Repository.")
