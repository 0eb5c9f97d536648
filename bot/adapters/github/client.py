"""The code host, for real: GitHub, or a GitHub Enterprise server."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Final, Self

from bot.adapters.github import answers, shapes, values
from bot.adapters.github.api import TIMEOUT, Api
from bot.adapters.github.asking import Asking
from bot.adapters.github.credentials import Credentials
from bot.adapters.github.failures import failure
from bot.adapters.github.job_logs import JobLogs
from bot.adapters.github.log_source import LogSource
from bot.adapters.github.permissions import Permissions
from bot.adapters.github.refs import pull_is_open, ref_kind
from bot.adapters.github.reruns import refusal
from bot.domain.ids import JobId, RepoId, RunId, WorkflowId
from bot.domain.lane import RefKind
from bot.domain.retry import Scope
from bot.domain.run import Annotation, Commit, Job, Repository, Run
from bot.ports.clock import Clock
from bot.ports.code_host import CodeHost

MOST_COMMITS: Final = 20
# What GitHub answers to a re-run that it understood and does not want.
NO: Final = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY})


class GitHub:
    """Use as a context manager: it owns threads and connections."""

    def __init__(
        self,
        *,
        credentials: Credentials,
        base_url: str,
        clock: Clock,
        timeout: timedelta = TIMEOUT,
    ) -> None:
        self._clock = clock
        self._asking = Asking(
            Api(credentials=credentials, base_url=base_url, now=clock.now, timeout=timeout)
        )
        self._log_source = LogSource(base_url=base_url, timeout=timeout)
        self._logs = JobLogs(self._asking, self._log_source, now=clock.now)
        self._permissions = Permissions(self._asking, now=clock.now)
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._opened.push_async_callback(self._asking.close)
        await self._opened.enter_async_context(self._log_source)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._opened.aclose()

    async def repository(self, repo: Repository) -> Repository:
        raw = await self._asking.get_by_id(repo, repo.id, shape=shapes.Repository)
        now = self._clock.now()
        return values.repository(raw, installation=repo.installation, seen_at=now)

    async def run(self, repo: Repository, run: RunId) -> Run:
        raw = await self._asking.get(
            repo,
            "actions/runs",
            run,
            shape=shapes.WorkflowRun,
            what=f"run {run} of {repo.full_name}",
        )
        return values.run(raw, repo=repo.id, seen_at=self._clock.now())

    async def jobs(self, repo: Repository, run: RunId) -> Sequence[Job]:
        pages = await self._asking.pages(
            repo,
            "actions/runs",
            run,
            "jobs",
            shape=answers.JobPage,
            what=f"jobs of run {run} of {repo.full_name}",
            filter="latest",
        )
        now = self._clock.now()
        return [values.job(raw, seen_at=now) for page in pages for raw in page.jobs]

    def job_log(
        self, repo: Repository, job: JobId
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        return self._logs.open(repo, job)

    async def annotations(self, repo: Repository, job: JobId) -> Sequence[Annotation]:
        pages = await self._asking.pages(
            repo,
            "check-runs",
            job,  # a job of a workflow is a check run, and has its number
            "annotations",
            shape=list[answers.Annotation],
            what=f"annotations of job {job} of {repo.full_name}",
        )
        return [values.annotation(raw) for page in pages for raw in page]

    async def rerun(self, repo: Repository, run: RunId, *, scope: Scope, debug: bool) -> None:
        verb = "rerun-failed-jobs" if scope is Scope.FAILED else "rerun"
        body = {"enable_debug_logging": debug}
        reply = await self._asking.post(repo, "actions/runs", run, verb, body=body)
        if reply.status in NO:
            raise refusal(reply.message)
        if not reply.ok:
            what = f"run {run} of {repo.full_name}"
            raise failure(reply, what=what, now=self._clock.now())

    async def commits(self, repo: Repository, *, base: str, head: str) -> Sequence[Commit]:
        """Return the newest commits after *base* up to *head*, oldest first."""
        compare = partial(
            self._asking.get,
            repo,
            "compare",
            f"{base}...{head}",
            shape=answers.Comparison,
            what=f"commits {base}...{head} of {repo.full_name}",
        )
        found = await compare(per_page=f"{MOST_COMMITS}")
        total = found.total_commits
        if total > MOST_COMMITS:
            # Oldest come first, so the last page is wanted, of a size that fills it best.
            size = max(range(MOST_COMMITS // 2, MOST_COMMITS + 1), key=lambda n: (total - 1) % n)
            found = await compare(per_page=f"{size}", page=f"{(total - 1) // size + 1}")
        return [values.commit(raw) for raw in found.commits]

    async def ref_kind(self, repo: Repository, name: str) -> RefKind | None:
        return await ref_kind(self._asking, repo, name)

    async def pull_is_open(
        self, repo: Repository, *, head_repo: RepoId | None, branch: str
    ) -> bool:
        return await pull_is_open(self._asking, repo, head_repo=head_repo, branch=branch)

    async def workflow_is_active(self, repo: Repository, workflow: WorkflowId) -> bool:
        raw = await self._asking.get(
            repo,
            "actions/workflows",
            workflow,
            shape=shapes.Workflow,
            what=f"workflow {workflow} of {repo.full_name}",
        )
        return raw.state == "active"

    async def may_write(self, repo: Repository, login: str) -> bool:
        return await self._permissions.may_write(repo, login)


def _promise(host: GitHub) -> CodeHost:
    return host
