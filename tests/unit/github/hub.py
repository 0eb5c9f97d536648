"""The real client before the stand-in, with time that moves by hand."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.adapters.github.client import GitHub
from bot.adapters.github.credentials import AppCredentials, Credentials, TokenCredentials
from bot.domain.ids import InstallationId, JobId, RepoId
from bot.domain.run import Repository
from bot.standins.github import Exchange, GitHubServer
from bot.standins.github.apps import App, Installation
from bot.standins.github.repository import Repository as There
from tests.vendor_specs import github as spec

PERMISSIONS = {
    "actions": "write",
    "checks": "read",
    "contents": "read",
    "deployments": "read",
    "metadata": "read",
    "pull_requests": "read",
}


class Clock:
    """Our clock; GitHub's own goes on as ever, since an App signs by the machine's."""

    def __init__(self) -> None:
        self.seconds = time.time()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def forward(self, by: timedelta) -> None:
        self.seconds += by.total_seconds()


@dataclass
class Hub:
    server: GitHubServer
    clock: Clock
    there: There
    asked: list[Exchange] = field(default_factory=list)

    def repo(self, installation: Installation | None = None) -> Repository:
        return Repository(
            id=RepoId(self.there.id),
            full_name="acme/app",
            private=True,
            default_branch="main",
            url="https://github.com/acme/app",
            installation=InstallationId(installation.id) if installation else None,
        )

    def app(self, permissions: dict[str, str] | None = None) -> App:
        return self.server.app(
            "smokejumper",
            permissions=PERMISSIONS if permissions is None else permissions,
            events=("workflow_run", "workflow_job"),
        )

    def as_app(self, app: App) -> AppCredentials:
        return AppCredentials(
            app_id=app.id,
            private_key=app.private_key,
            base_url=self.server.url,
            now=self.clock.now,
        )

    def as_token(self, token: str) -> TokenCredentials:
        return TokenCredentials(token)

    def as_person(self) -> TokenCredentials:
        self.there.grant("smokejumper", "write")
        return TokenCredentials(self.server.token("smokejumper"))

    def client(self, credentials: Credentials | None = None, *, patience: int = 5) -> GitHub:
        """Return a client that waits *patience* seconds for an answer."""
        return GitHub(
            credentials=credentials or self.as_person(),
            base_url=self.server.url + "/",
            clock=self.clock,
            patience=timedelta(seconds=3 * patience),
        )


@asynccontextmanager
async def hub(*, described: bool = True) -> AsyncIterator[Hub]:
    """Run a GitHub with the private repository acme/app.

    Args:
        described: Hold all that is said against GitHub's own description.
    """
    clock = Clock()
    async with GitHubServer() as server:
        found = spec.watch(server) if described and spec.available() else []
        it = Hub(server, clock, server.repository("acme/app", private=True))
        server.observe(it.asked.append)
        yield it
        await server.delivered()
    assert found == [], found


async def log_of(host: GitHub, repo: Repository, job: int) -> bytes:
    async with host.job_log(repo, JobId(job)) as blocks:
        return b"".join([block async for block in blocks])
