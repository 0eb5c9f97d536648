"""A code host in memory: re-runs make new attempts, logs can be missing, it can be down."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.access import matches
from bot.domain.errors import (
    AlreadyRunningError,
    BusyError,
    NotFoundError,
    OperatorError,
    PermanentError,
    RefusedError,
    TransientError,
)
from bot.domain.events import Delivery
from bot.domain.hearing import Hook, LoggedDelivery
from bot.domain.ids import DeliveryId, InstallationId, JobId, RepoId, RunId, WorkflowId
from bot.domain.lane import RefKind
from bot.domain.retry import Scope
from bot.domain.run import Annotation, Commit, Job, Repository, Run, Status
from bot.ports.code_host import RunList

BLOCK_BYTES = 4_096
PAGE_RUNS = 100


@dataclass(slots=True, kw_only=True)
class MemoryCodeHost:
    repositories: dict[RepoId, Repository] = field(default_factory=dict)
    runs: dict[RunId, Run] = field(default_factory=dict)
    """The newest attempt of each run."""
    jobs_of: dict[RunId, dict[str, Job]] = field(default_factory=dict)
    """The latest job of each name."""
    logs: dict[JobId, bytes] = field(default_factory=dict)
    notes: dict[JobId, list[Annotation]] = field(default_factory=dict)
    history: list[Commit] = field(default_factory=list)
    """All commits, oldest first."""
    refs: dict[str, RefKind] = field(default_factory=dict)
    open_pulls: set[tuple[RepoId | None, str]] = field(default_factory=set)
    disabled: set[WorkflowId] = field(default_factory=set)
    writers: set[str] = field(default_factory=set)
    reruns: list[tuple[RunId, Scope, bool]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    no_refs: str = ""
    """Why questions for a branch or tag are refused for good."""
    deployments: list[tuple[str, datetime]] = field(default_factory=list)
    """The commit of each deployment, and when it was made."""
    no_deployments: str = ""
    """Why deployments may not be seen."""
    refusal: str = ""
    """What the next re-run is refused with."""
    down: bool = False
    no_answer: set[str] = field(default_factory=set)
    """Questions that it does not answer although it is up."""
    spent: set[str] = field(default_factory=set)
    """Questions that our own budget refuses before they are sent."""
    not_understood: set[str] = field(default_factory=set)
    """Questions that something in between answers with an odd status."""
    log: list[LoggedDelivery] = field(default_factory=list)
    """What was delivered, oldest first."""
    bodies: dict[int, Delivery] = field(default_factory=dict)
    """What of the log can be read whole, by its number."""
    no_hooks: str = ""
    """Why the logs of webhooks may not be read."""
    hook_names: list[str] = field(default_factory=lambda: ["app"])
    """All have the one log."""
    hidden: set[str] = field(default_factory=set)
    """Hooks whose log may not be read any more."""
    redelivered: list[DeliveryId] = field(default_factory=list)
    unlisted: set[RunId] = field(default_factory=set)
    """Runs so far down in the list that nobody reads on to them."""
    unchanged: int = 0
    """How often a list of runs was asked for that had not changed."""

    async def reachable(
        self, patterns: Sequence[str], *, installations: frozenset[InstallationId]
    ) -> Sequence[Repository]:
        self._call("reachable")
        return [
            repo
            for repo in self.repositories.values()
            if matches(repo.full_name, tuple(patterns))
            and (not installations or repo.installation in installations)
        ]

    async def runs_since(
        self, repo: Repository, *, since: datetime, etag: str = ""
    ) -> RunList | None:
        self._call("runs_since")
        if repo.id not in self.repositories:
            msg = f"GitHub does not show {repo.full_name}."
            raise NotFoundError(msg)
        listed = (run for id, run in self.runs.items() if id not in self.unlisted)
        mine = [run for run in listed if run.repo == repo.id]
        newest = sorted(mine, key=lambda run: (run.created_at, run.id), reverse=True)
        now = str(hash(tuple(newest)))
        if etag == now:
            self.unchanged += 1
            return None
        found = [
            run for place, run in enumerate(newest) if place < PAGE_RUNS or run.created_at >= since
        ]
        return RunList(runs=found, etag=now)

    async def hooks(self, repos: Sequence[Repository], *, named: str = "") -> Sequence[Hook]:
        del repos
        self._call("hooks")
        if self.no_hooks:
            raise OperatorError(self.no_hooks)
        return [Hook(name=name) for name in ([named] if named else self.hook_names)]

    async def logged(
        self, hook: Hook, *, since: datetime, failed: bool
    ) -> Sequence[LoggedDelivery]:
        self._call("logged")
        if hook.name in self.hidden:
            msg = f"GitHub does not let us see the log of the webhook {hook.name}."
            raise OperatorError(msg)
        return [
            one for one in reversed(self.log) if one.at >= since and not (failed and one.arrived)
        ]

    async def logged_delivery(self, hook: Hook, one: LoggedDelivery) -> Delivery:
        del hook
        self._call("logged_delivery")
        if one.number not in self.bodies:
            msg = f"GitHub has thrown away delivery {one.number}."
            raise NotFoundError(msg)
        return self.bodies[one.number]

    async def redeliver(self, hook: Hook, one: LoggedDelivery) -> None:
        del hook
        self._call("redeliver")
        self.redelivered.append(one.id)

    async def repository(self, repo: Repository) -> Repository:
        self._call("repository")
        if repo.id not in self.repositories:
            msg = f"GitHub does not show {repo.full_name}."
            raise NotFoundError(msg)
        return self.repositories[repo.id]

    async def run(self, repo: Repository, run: RunId) -> Run:
        self._call("run")
        if run not in self.runs or self.runs[run].repo != repo.id:
            msg = f"{repo.full_name} has no run {run}."
            raise NotFoundError(msg)
        return self.runs[run]

    async def jobs(self, repo: Repository, run: RunId) -> Sequence[Job]:
        self._call("jobs")
        if run not in self.runs:
            msg = f"{repo.full_name} has no run {run}."
            raise NotFoundError(msg)
        return [*self.jobs_of.get(run, {}).values()]

    async def deployed(self, repo: Repository, run: Run) -> bool:
        del repo
        self._call("deployed")
        if self.no_deployments:
            raise OperatorError(self.no_deployments)
        return any(sha == run.sha and at >= run.created_at for sha, at in self.deployments)

    @asynccontextmanager
    async def job_log(self, repo: Repository, job: JobId) -> AsyncIterator[AsyncIterator[bytes]]:
        self._call("job_log")
        if job not in self.logs:
            msg = f"{repo.full_name} has no log of job {job}."
            raise NotFoundError(msg)
        yield _blocks(self.logs[job])

    async def annotations(self, repo: Repository, job: JobId) -> Sequence[Annotation]:
        del repo
        self._call("annotations")
        return self.notes.get(job, [])

    async def rerun(self, repo: Repository, run: RunId, *, scope: Scope, debug: bool) -> None:
        self._call("rerun")
        before = await self.run(repo, run)
        if before.status is not Status.COMPLETED:
            msg = "This workflow is already running"
            raise AlreadyRunningError(msg)
        if self.refusal:
            refusal, self.refusal = self.refusal, ""
            raise RefusedError(refusal)
        self.reruns.append((run, scope, debug))
        self.runs[run] = replace(
            before, attempt=before.attempt + 1, status=Status.RUNNING, conclusion=None
        )

    async def commits(self, repo: Repository, *, base: str, head: str) -> Sequence[Commit]:
        del repo
        self._call("commits")
        shas = [commit.sha for commit in self.history]
        if base not in shas or head not in shas:
            msg = f"GitHub knows no way from {base} to {head}."
            raise NotFoundError(msg)
        return self.history[shas.index(base) + 1 : shas.index(head) + 1]

    async def ref_kind(self, repo: Repository, name: str) -> RefKind | None:
        del repo
        self._call("ref_kind")
        if self.no_refs:
            raise PermanentError(self.no_refs)
        return self.refs.get(name)

    async def pull_is_open(
        self, repo: Repository, *, head_repo: RepoId | None, branch: str
    ) -> bool:
        del repo
        self._call("pull_is_open")
        return (head_repo, branch) in self.open_pulls

    async def workflow_is_active(self, repo: Repository, workflow: WorkflowId) -> bool:
        del repo
        self._call("workflow_is_active")
        return workflow not in self.disabled

    async def may_write(self, repo: Repository, login: str) -> bool:
        del repo
        self._call("may_write")
        return login in self.writers

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if self.down or name in self.no_answer:
            msg = "GitHub does not answer."
            raise TransientError(msg)
        if name in self.spent:
            msg = "our share of GitHub's requests is used up"
            raise BusyError(msg, after=timedelta(minutes=1))
        if name in self.not_understood:
            msg = f"GitHub did not understand our question for {name} (407)."
            raise PermanentError(msg)


async def _blocks(log: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(log), BLOCK_BYTES):
        yield log[start : start + BLOCK_BYTES]
