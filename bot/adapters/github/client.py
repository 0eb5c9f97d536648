"""The code host, for real: GitHub, or a GitHub Enterprise server."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Final, Self

from bot.adapters.github import answers, hooks, listing, shapes, values
from bot.adapters.github.api import Api
from bot.adapters.github.asking import Asking
from bot.adapters.github.budget import Meter
from bot.adapters.github.credentials import AppCredentials, Credentials
from bot.adapters.github.deployments import deployed
from bot.adapters.github.failures import failure
from bot.adapters.github.job_logs import JobLogs
from bot.adapters.github.log_source import LogSource
from bot.adapters.github.permissions import Permissions
from bot.adapters.github.refs import pull_is_open, ref_kind
from bot.adapters.github.reruns import refusal
from bot.adapters.github.sharing import SharedBudget
from bot.domain.access import matches
from bot.domain.events import Delivery
from bot.domain.hearing import Hook, LoggedDelivery
from bot.domain.ids import InstallationId, JobId, RepoId, RunId, WorkflowId
from bot.domain.lane import RefKind
from bot.domain.retry import Scope
from bot.domain.run import Annotation, Commit, Job, Repository, Run
from bot.ports.clock import PATIENCE, Clock
from bot.ports.code_host import CodeHost, RunList
from bot.ports.running import BudgetRows
from bot.ports.store import Store

MOST_COMMITS: Final = 20
# What GitHub answers to a re-run that it understood and does not want.
NO: Final = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY})


class GitHub:
    """Use as a context manager: it owns threads and connections."""

    def __init__(  # noqa: PLR0913 - what the composition root knows and we do not
        self,
        *,
        credentials: Credentials,
        base_url: str,
        clock: Clock,
        store: Store[BudgetRows] | None = None,
        patience: timedelta = PATIENCE,
        answered: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Open nothing yet; with a *store*, this must be called in its event loop.

        Args:
            store: Where all processes count together what they ask.
            patience: After it, a request that changes something has acted or never will.
            answered: Told the status of each answer, and 0 where none came.
        """
        self._clock = clock
        self._is_app = isinstance(credentials, AppCredentials)
        # Connecting and answering may each take a third, and a little is left for the queue.
        timeout = patience / 3
        shared = SharedBudget(store, now=clock.now) if store else None
        api = Api(
            credentials=credentials,
            base_url=base_url,
            now=clock.now,
            timeout=timeout,
            meter=Meter(now=clock.now, shared=shared, answered=answered),
        )
        self._asking = Asking(api, write_within=patience / 5)
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

    async def reachable(
        self, patterns: Sequence[str], *, installations: frozenset[InstallationId]
    ) -> Sequence[Repository]:
        now = self._clock.now()
        if not self._is_app:
            return await listing.visible(self._asking, patterns, now=now)
        found = await listing.installed(self._asking, installations=installations, now=now)
        return [repo for repo in found if matches(repo.full_name, patterns)]

    async def runs_since(
        self, repo: Repository, *, since: datetime, etag: str = ""
    ) -> RunList | None:
        now = self._clock.now()
        return await listing.runs_since(self._asking, repo, since=since, etag=etag, now=now)

    async def hooks(self, repos: Sequence[Repository], *, named: str = "") -> Sequence[Hook]:
        if named:
            return [Hook(name=named)]
        if self._is_app:
            return [Hook(name=hooks.APP)]
        return await hooks.candidates(self._asking, repos)

    async def logged(
        self, hook: Hook, *, since: datetime, failed: bool
    ) -> Sequence[LoggedDelivery]:
        now = self._clock.now()
        return await hooks.logged(self._asking, hook, since=since, failed=failed, now=now)

    async def logged_delivery(self, hook: Hook, one: LoggedDelivery) -> Delivery:
        return await hooks.logged_delivery(self._asking, hook, one, now=self._clock.now())

    async def redeliver(self, hook: Hook, one: LoggedDelivery) -> None:
        await hooks.redeliver(self._asking, hook, one)

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
        return listing.run_of(repo, raw, now=self._clock.now())

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

    async def deployed(self, repo: Repository, run: Run) -> bool:
        return await deployed(self._asking, repo, run, now=self._clock.now())

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
