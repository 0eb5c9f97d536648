"""A workflow run, its attempts, and what GitHub does when somebody runs it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.standins.github.deployments import Deployment
from bot.standins.github.happenings import JobChanged, RunChanged
from bot.standins.github.jobs import BAD, Annotation, Job, steps_of
from bot.standins.github.refusal import RefusalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from bot.standins.github.pulls import PullRequest
    from bot.standins.github.repository import Repository
    from bot.standins.github.workflows import Workflow
    from bot.standins.github.world import Account, World

    Script = Callable[["Run"], None]
    """What comes of an attempt; it is called when the attempt has begun."""

TOO_OLD: Final = "Unable to retry this workflow run because it was created over a month ago"
RUNNING: Final = "This workflow is already running"
NEVER: Final = "This workflow run cannot be retried"


@dataclass(slots=True, kw_only=True, eq=False)
class Attempt:
    """One try of a run; it holds only the jobs that ran in it."""

    number: int
    actor: Account
    started_at: datetime
    updated_at: datetime
    jobs: list[Job]
    debug: bool = False
    status: str = "queued"
    conclusion: str | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Run:
    """A run of a workflow; a re-run adds an attempt and keeps the id."""

    id: int
    workflow: Workflow
    run_number: int
    event: str
    branch: str
    sha: str
    actor: Account
    created_at: datetime
    plan: Mapping[str, Sequence[str]]
    pull: PullRequest | None = None
    environments: Mapping[str, str] = field(default_factory=dict)
    """Where to the jobs of these names deploy."""
    can_be_retried: bool = True
    known_from: float = 0.0
    attempts: list[Attempt] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)

    @property
    def world(self) -> World:
        return self.workflow.repository.world

    @property
    def repository(self) -> Repository:
        return self.workflow.repository

    @property
    def head_repository(self) -> Repository:
        return self.pull.head_repository if self.pull else self.repository

    @property
    def attempt(self) -> Attempt:
        return self.attempts[-1]

    @property
    def status(self) -> str:
        return self.attempt.status

    @property
    def conclusion(self) -> str | None:
        return self.attempt.conclusion

    def api_knows(self) -> bool:
        """Say whether the API has caught up with the webhooks."""
        return self.world.clock() >= self.known_from

    def latest_jobs(self) -> list[Job]:
        """Return each job as it was last run, as `filter=latest` lists them."""
        newest = {job.name: job for attempt in self.attempts for job in attempt.jobs}
        return list(newest.values())

    def job(self, name: str) -> Job:
        """Return the newest job of this name."""
        found = {job.name: job for job in self.latest_jobs()}
        return found[name]

    # What the control side makes of the run

    def begin(self) -> None:
        """Let a queued attempt and all its jobs start."""
        self._set("in_progress")
        for job in self.attempt.jobs:
            job.begin(self.world.now())
            self._tell_job(job, "in_progress")

    def deploy(self, environment: str) -> Deployment:
        """Record a deployment of the run's commit, as a job that names an environment does."""
        made = Deployment(
            id=self.world.next_id("deployment"),
            repository=self.repository,
            sha=self.sha,
            ref=self.branch,
            environment=environment,
            created_at=self.world.now(),
        )
        self.repository.deployments.append(made)
        return made

    def finish_job(
        self,
        name: str,
        conclusion: str = "success",
        *,
        log: bytes | None = None,
        failed_step: str | None = None,
        annotations: Iterable[Annotation | str] = (),
    ) -> Job:
        """End one job of the newest attempt.

        Args:
            log: What the log says, as it is; a short one is made if none is given.
            failed_step: The step that broke; it is added if the plan has none of this name.
        """
        job = next(j for j in self.attempt.jobs if j.name == name)
        if job.status == "completed":
            msg = f"The job {name!r} of attempt {job.attempt} has already ended."
            raise ValueError(msg)
        now = self.world.now()
        job.end(conclusion, now, failed_step=failed_step)
        job.log = default_log(job, now) if log is None else log
        job.annotations += [Annotation(message=a) if isinstance(a, str) else a for a in annotations]
        self._tell_job(job, "completed")
        return job

    def finish(self, conclusion: str = "success") -> None:
        """End the attempt; jobs that still run end like it, or well if another broke already."""
        broken = any(job.conclusion in BAD for job in self.attempt.jobs)
        rest = "success" if broken and conclusion == "failure" else conclusion
        for job in self.attempt.jobs:
            if job.status != "completed":
                self.finish_job(job.name, "failure" if rest == "startup_failure" else rest)
        self._set("completed", conclusion)

    def next_attempt(
        self,
        conclusion: str = "success",
        *,
        after: timedelta | None = None,
        jobs: Mapping[str, bytes] | None = None,
        failed_step: str | None = None,
        play: Script | None = None,
    ) -> None:
        """Say what will come of the next re-run; said twice, it tells of the one after too.

        Args:
            after: How long the attempt runs; None ends it at once.
            jobs: For a failure: which of its jobs fail, and their logs.
            play: Decides everything itself instead.
        """

        def end(run: Run) -> None:
            for job in run.attempt.jobs:
                if jobs and job.name in jobs:
                    run.finish_job(
                        job.name, conclusion, log=jobs[job.name], failed_step=failed_step
                    )
            run.finish(conclusion)

        def wait(run: Run) -> None:
            if after is None:
                end(run)
            else:
                run.world.later(after, lambda: end(run))

        self.scripts.append(play or wait)

    # What the API lets a caller do

    def rerun(self, by: Account, *, debug: bool = False) -> None:
        self._again([job.name for job in self.latest_jobs()], by, debug=debug)

    def rerun_failed(self, by: Account, *, debug: bool = False) -> None:
        self._again([j.name for j in self.latest_jobs() if j.conclusion in BAD], by, debug=debug)

    def rerun_job(self, job: Job, by: Account, *, debug: bool = False) -> None:
        self._again([job.name], by, debug=debug)

    def cancel(self) -> None:
        if self.status == "completed":
            raise RefusalError(409, "Cannot cancel a workflow run that is completed.")
        self.finish("cancelled")

    def open_attempt(self, names: Iterable[str], by: Account, *, debug: bool = False) -> None:
        """Add an attempt with new, queued jobs."""
        now = self.world.now()
        number = len(self.attempts) + 1
        jobs = [
            Job(
                id=self.world.next_id("job"),
                run=self,
                attempt=number,
                name=name,
                created_at=now,
                steps=steps_of(self.plan[name]),
                environment=self.environments.get(name, ""),
            )
            for name in names
        ]
        self.attempts.append(
            Attempt(number=number, actor=by, started_at=now, updated_at=now, jobs=jobs, debug=debug)
        )
        if number == 1:
            self._tell("requested")
        for job in jobs:
            self._tell_job(job, "queued")

    def _again(self, names: Sequence[str], by: Account, *, debug: bool) -> None:
        self._refuse_rerun(names)
        self.open_attempt(names, by, debug=debug)
        self.begin()
        if self.scripts:
            self.scripts.pop(0)(self)

    def _refuse_rerun(self, names: Sequence[str]) -> None:
        limits = self.world.limits
        if self.status != "completed":
            raise RefusalError(403, RUNNING)
        if self.world.now() - self.created_at > limits.rerun_age:
            raise RefusalError(403, TOO_OLD)
        if not self.can_be_retried or not names or len(self.attempts) > limits.reruns:
            raise RefusalError(403, NEVER)

    def _set(self, status: str, conclusion: str | None = None) -> None:
        self.attempt.status = status
        self.attempt.conclusion = conclusion
        self.attempt.updated_at = self.world.now()
        self._tell("completed" if status == "completed" else "in_progress")

    def _tell(self, action: str) -> None:
        self.world.emit(
            RunChanged(
                sender=self.attempt.actor, repository=self.repository, run=self, action=action
            )
        )

    def _tell_job(self, job: Job, action: str) -> None:
        self.world.emit(
            JobChanged(
                sender=self.attempt.actor, repository=self.repository, job=job, action=action
            )
        )


def default_log(job: Job, now: datetime) -> bytes:
    """Return a log of a few lines, each with a time stamp as GitHub's have."""
    stamp = now.strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
    lines = [f"{stamp} ##[group]{step.name}" for step in job.steps if step.conclusion != "skipped"]
    if job.conclusion in BAD:
        lines.append(f"{stamp} ##[error]Process completed with exit code 1.")
    return "".join(f"{line}\n" for line in lines).encode()
