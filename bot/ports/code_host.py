"""GitHub, as far as we ask it for something."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.ids import InstallationId, JobId, RepoId, RunId, WorkflowId
from bot.domain.lane import RefKind
from bot.domain.retry import Scope
from bot.domain.run import Annotation, Commit, Job, Repository, Run
from bot.ports.hook_log import HookLog


@dataclass(frozen=True, slots=True, kw_only=True)
class RunList:
    """The newest runs of a repository, each as its newest attempt stands."""

    runs: Sequence[Run]
    etag: str = ""


class CodeHost(HookLog, Protocol):
    """Every call raises TransientError, NotFoundError or PermanentError; none is repeated below."""

    async def reachable(
        self, patterns: Sequence[str], *, installations: frozenset[InstallationId]
    ) -> Sequence[Repository]:
        """Return the repositories that we reach and that fit a pattern.

        Args:
            installations: The App installations to look into; empty: all.
        """
        ...

    async def runs_since(
        self, repo: Repository, *, since: datetime, etag: str = ""
    ) -> RunList | None:
        """Return all runs begun since then, and some older ones, the newest first.

        Returns None where the newest of them are as they were when *etag* was given.
        """
        ...

    async def repository(self, repo: Repository) -> Repository:
        """Return what GitHub says of a repository now, by its id."""
        ...

    async def run(self, repo: Repository, run: RunId) -> Run:
        """Return the newest attempt of *run*."""
        ...

    async def jobs(self, repo: Repository, run: RunId) -> Sequence[Job]:
        """Return the latest job of each name, whichever attempt it ran in."""
        ...

    async def deployed(self, repo: Repository, run: Run) -> bool:
        """Whether the commit of *run* was deployed since the run began, by whatever.

        Raises:
            OperatorError: We may not see deployments.
        """
        ...

    def job_log(
        self, repo: Repository, job: JobId
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Stream the log of one job in blocks, from its first byte.

        Raises:
            NotFoundError: The log has expired, or there never was one.
            TransientError: The job still runs, or GitHub is down or rate-limits us.
        """
        ...

    async def annotations(self, repo: Repository, job: JobId) -> Sequence[Annotation]: ...

    async def rerun(self, repo: Repository, run: RunId, *, scope: Scope, debug: bool) -> None:
        """Run *run* again: a new attempt of the original run, never a new dispatch.

        Raises:
            AlreadyRunningError: It runs already, by whomever.
            RefusedError: GitHub said no; the message is a sentence for people.
        """
        ...

    async def commits(self, repo: Repository, *, base: str, head: str) -> Sequence[Commit]:
        """Return the commits after *base* up to *head*, oldest first."""
        ...

    async def ref_kind(self, repo: Repository, name: str) -> RefKind | None:
        """Return what *name* is now, a tag where it is both; None where it is gone."""
        ...

    async def pull_is_open(
        self, repo: Repository, *, head_repo: RepoId | None, branch: str
    ) -> bool: ...

    async def workflow_is_active(self, repo: Repository, workflow: WorkflowId) -> bool:
        """Whether the workflow can still run; raises NotFoundError once its file is gone."""
        ...

    async def may_write(self, repo: Repository, login: str) -> bool: ...
