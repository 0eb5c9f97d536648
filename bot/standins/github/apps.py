"""A GitHub App and where it is installed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.standins.github.happenings import (
    InstallationChanged,
    InstallationRepositoriesChanged,
    Pinged,
)
from bot.standins.github.hooks import Hook

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from bot.standins.github.repository import Repository
    from bot.standins.github.world import Account, World


@dataclass(slots=True, kw_only=True, eq=False)
class Installation:
    """An app in one account, with all of its repositories or some."""

    id: int
    app: App
    account: Account
    permissions: dict[str, str]
    created_at: datetime
    repositories: list[Repository] | None = None
    suspended_at: datetime | None = None

    def covers(self, repository: Repository) -> bool:
        if self.repositories is not None:
            return repository in self.repositories
        return repository.owner is self.account

    def add(self, *repositories: Repository) -> None:
        """Let the app into more repositories."""
        if self.repositories is not None:
            self.repositories.extend(repositories)
        self._tell_repositories("added", repositories)

    def remove(self, *repositories: Repository) -> None:
        """Shut the app out of some of the repositories that were selected for it."""
        if self.repositories is None:
            msg = f"{self.account.login} has let {self.app.slug} into all its repositories."
            raise ValueError(msg)
        self.repositories = [r for r in self.repositories if r not in repositories]
        self._tell_repositories("removed", repositories)

    def suspend(self) -> None:
        self.suspended_at = self.app.world.now()
        self.tell("suspend")

    def unsuspend(self) -> None:
        self.suspended_at = None
        self.tell("unsuspend")

    def uninstall(self) -> None:
        """Delete the installation; its tokens are worth nothing from now on."""
        self.tell("deleted")
        self.app.installations.remove(self)

    def tell(self, action: str) -> None:
        self.app.world.emit(
            InstallationChanged(
                sender=self.account, repository=None, installation=self, action=action
            )
        )

    def _tell_repositories(self, action: str, repositories: Iterable[Repository]) -> None:
        self.app.world.emit(
            InstallationRepositoriesChanged(
                sender=self.account,
                repository=None,
                installation=self,
                action=action,
                repositories=tuple(repositories),
            )
        )


@dataclass(slots=True, kw_only=True, eq=False)
class App:
    """An app with its own key pair; the private half is for the client alone."""

    id: int
    world: World
    slug: str
    owner: Account
    permissions: dict[str, str]
    events: tuple[str, ...]
    created_at: datetime
    hook: Hook | None = None
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    installations: list[Installation] = field(default_factory=list)

    @property
    def private_key(self) -> str:
        """The key as the PEM file that GitHub lets the owner download."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        ).decode()

    @property
    def bot(self) -> Account:
        return self.world.account(f"{self.slug}[bot]", "Bot")

    def send_to(self, url: str, *, secret: str) -> Hook:
        """Set the app's webhook; GitHub pings it at once."""
        self.hook = Hook(
            id=self.world.next_id("hook"),
            url=url,
            secret=secret,
            events=frozenset(self.events),
            app=self,
            created_at=self.world.now(),
        )
        self.world.emit(Pinged(sender=self.owner, repository=None, hook=self.hook))
        return self.hook

    def install(
        self,
        account: Account,
        *,
        repositories: Iterable[Repository] | None = None,
        permissions: Mapping[str, str] | None = None,
    ) -> Installation:
        """Install the app in *account*, for all its repositories or those given."""
        installation = Installation(
            id=self.world.next_id("installation"),
            app=self,
            account=account,
            permissions=dict(self.permissions if permissions is None else permissions),
            created_at=self.world.now(),
            repositories=None if repositories is None else list(repositories),
        )
        self.installations.append(installation)
        installation.tell("created")
        return installation
