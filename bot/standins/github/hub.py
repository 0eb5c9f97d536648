"""Everything that exists on this GitHub."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bot.standins.github.apps import App
from bot.standins.github.happenings import (
    InstallationChanged,
    InstallationRepositoriesChanged,
    Pinged,
)
from bot.standins.github.hooks import Hook
from bot.standins.github.refusal import not_found
from bot.standins.github.repository import Repository
from bot.standins.github.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.standins.github.apps import Installation
    from bot.standins.github.happenings import Happening
    from bot.standins.github.world import Account, World


class Hub:
    """Repositories, apps and tokens, found by the names that requests use."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tokens = Tokens(world)
        self.repositories: list[Repository] = []
        self.organization_hooks: list[Hook] = []
        self.acts: Counter[tuple[str, int]] = Counter()

    def user(self, login: str) -> Account:
        return self.world.account(login)

    def repository(
        self, full_name: str, *, private: bool = False, default_branch: str = "main"
    ) -> Repository:
        """Return the live repository of this name, made at its first mention."""
        for repository in self.repositories:
            if repository.full_name == full_name and not repository.deleted:
                return repository
        login, _, name = full_name.partition("/")
        owner = self.world.account(login, "Organization")
        return self._keep(
            Repository(
                self.world, owner=owner, name=name, private=private, default_branch=default_branch
            )
        )

    def fork(self, repository: Repository, login: str) -> Repository:
        """Let a person fork a repository."""
        owner = self.world.account(login)
        return self._keep(
            Repository(
                self.world,
                owner=owner,
                name=repository.name,
                private=repository.private,
                default_branch=repository.default_branch,
                parent=repository,
            )
        )

    def app(
        self,
        slug: str,
        *,
        permissions: Mapping[str, str],
        events: Iterable[str] = (),
        owner: str = "acme",
    ) -> App:
        """Register an app."""
        app = App(
            id=self.world.next_id("app"),
            world=self.world,
            slug=slug,
            owner=self.world.account(owner, "Organization"),
            permissions=dict(permissions),
            events=tuple(events),
            created_at=self.world.now(),
        )
        self.tokens.apps[app.id] = app
        return app

    def organization_hook(
        self, login: str, url: str, *, secret: str, events: Iterable[str]
    ) -> Hook:
        """Register a webhook of all repositories of an organization; GitHub pings it at once."""
        owner = self.world.account(login, "Organization")
        hook = Hook(
            id=self.world.next_id("hook"),
            url=url,
            secret=secret,
            events=frozenset(events),
            organization=owner,
            created_at=self.world.now(),
        )
        self.organization_hooks.append(hook)
        self.world.emit(Pinged(sender=owner, repository=None, hook=hook))
        return hook

    def find(self, full_name: str) -> Repository:
        """Return the living repository of this name; a renamed one is found by its old names.

        Raises:
            RefusalError: There is none.
        """
        for repository in self.repositories:
            if repository.full_name.lower() == full_name.lower() and not repository.deleted:
                return repository
        for repository in self.repositories:
            if full_name.lower() in repository.old_names and not repository.deleted:
                return repository
        raise not_found()

    def find_by_id(self, number: int) -> Repository:
        for repository in self.repositories:
            if repository.id == number and not repository.deleted:
                return repository
        raise not_found()

    def hooks_for(self, happening: Happening) -> list[tuple[Hook, Installation | None]]:
        """Return who is told of this, and in the name of which installation."""
        match happening:
            case Pinged(hook=hook):
                return [(hook, None)]
            case InstallationChanged() | InstallationRepositoriesChanged():
                installation = happening.installation
                heard = installation.app.hook
                return [(heard, installation)] if heard else []
        repository = happening.repository
        if repository is None:
            return []
        told: list[tuple[Hook, Installation | None]] = [(hook, None) for hook in repository.hooks]
        ours = [one for one in self.organization_hooks if one.organization is repository.owner]
        told.extend((hook, None) for hook in ours)
        for app in self.tokens.apps.values():
            inside = [i for i in app.installations if i.covers(repository) and not i.suspended_at]
            told.extend((app.hook, i) for i in inside if app.hook)
        return told

    def installation_in(self, app: App, repository: Repository) -> Installation:
        for installation in app.installations:
            if installation.covers(repository):
                return installation
        raise not_found()

    def _keep(self, repository: Repository) -> Repository:
        self.repositories.append(repository)
        return repository
