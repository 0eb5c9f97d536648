"""What happens on GitHub: runs that break and mend, early jobs, re-runs, releases, branches."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from bot.cli.stage.logs import PUSH, TESTS, log_of
from bot.standins.github import Run
from bot.standins.github.jobs import BAD
from bot.standins.github.refusal import RefusalError
from bot.standins.github.repository import Repository
from bot.standins.github.workflows import Workflow

JOBS: Final = ("unit", "image", "lint")
BROKEN_TEST: Final = log_of(TESTS)
BROKEN_PUSH: Final = log_of(PUSH)
MOST_AT_ONCE: Final = 2  # runs of one lane
STEPS: Final = {
    "start": 4.0,
    "end": 7.0,
    "break_a_job": 2.0,
    "cancel": 0.3,
    "rerun_on_github": 0.7,
    "branch_off": 0.4,
    "delete_branch": 0.4,
    "release": 0.3,
}


@dataclass(slots=True, kw_only=True, eq=False)
class Lane:
    """A workflow on a branch or tag."""

    repository: Repository
    workflow: Workflow
    name: str
    is_release: bool = False
    gone: bool = False
    runs: list[Run] = field(default_factory=list)

    @property
    def running(self) -> list[Run]:
        return [run for run in self.runs if run.status != "completed"]

    @property
    def newest_coloured(self) -> Run | None:
        """The newest run that is red or green; a cancelled attempt is neither."""
        return next((run for run in reversed(self.runs) if colour(run)), None)

    @property
    def is_red(self) -> bool:
        newest = self.newest_coloured
        return newest is not None and colour(newest) == "failure"


def colour(run: Run) -> str:
    """Return how the newest attempt of *run* ended that says anything; empty if none does."""
    for attempt in reversed(run.attempts):
        if attempt.conclusion in {"success", "failure"}:
            return str(attempt.conclusion)
    return ""


class Builds:
    """One step at a time, each drawn by lot; the lot is the seed's."""

    def __init__(self, repositories: list[Repository], lot: random.Random) -> None:
        self._lot = lot
        self._repositories = repositories
        self._number = 0
        self.lanes = [
            Lane(repository=repository, workflow=repository.workflow(name), name="main")
            for repository in repositories
            for name in ("CI", "Nightly")
        ]
        self.someones_reruns = 0
        """Re-runs that a person started on GitHub."""

    def step(self) -> None:
        """Let something happen; where it can't, a run ends or starts instead."""
        (chosen,) = self._lot.choices(list(STEPS), list(STEPS.values()))
        if not getattr(self, f"_{chosen}")() and not self._end():
            self._start()

    def end_all(self) -> bool:
        """End what runs, for good; return whether anything did."""
        running = [run for lane in self.lanes for run in lane.running]
        for run in running:
            self._finish(run, passes=True)
        return bool(running)

    def _start(self) -> bool:
        free = [one for one in self.lanes if not one.gone and len(one.running) < MOST_AT_ONCE]
        free = [one for one in free if not (one.is_release and one.runs)]
        if not free:
            return False
        lane = self._lot.choice(free)
        if not lane.is_release and self._lot.random() < 0.5:
            lane.repository.push(lane.name, f"Change {self._next()}", author="bo")
        lane.runs.append(lane.workflow.start(event="push", branch=lane.name, jobs=JOBS))
        return True

    def _end(self) -> bool:
        running = list(self._running())
        if running:
            self._finish(self._lot.choice(running))
        return bool(running)

    def _finish(self, run: Run, *, passes: bool = False) -> None:
        broken = any(job.conclusion in BAD for job in run.attempt.jobs)
        if not broken and (passes or self._lot.random() < 0.45):
            run.finish("success")
            return
        if not broken:
            self._break(run)
        run.finish("failure")

    def _break(self, run: Run) -> None:
        left = [job.name for job in run.attempt.jobs if job.status != "completed"]
        log = BROKEN_TEST if self._lot.random() < 0.55 else BROKEN_PUSH
        run.finish_job(self._lot.choice(left), "failure", log=log, failed_step="Run it")

    def _break_a_job(self) -> bool:
        """Let a job fail while others go on: the card comes early."""
        running = [run for run in self._running() if _has_a_choice(run)]
        if running:
            self._break(self._lot.choice(running))
        return bool(running)

    def _cancel(self) -> bool:
        running = [run for run in self._running() if not _has_broken(run)]
        if running:
            self._lot.choice(running).cancel()
        return bool(running)

    def _rerun_on_github(self) -> bool:
        ended = [lane.runs[-1] for lane in self.lanes if lane.runs and not lane.running]
        red = [run for run in ended if run.conclusion == "failure"]
        if not red:
            return False
        run = self._lot.choice(red)
        try:
            run.rerun_failed(run.world.account("dave"))
        except RefusalError:
            return False
        self.someones_reruns += 1
        return True

    def _branch_off(self) -> bool:
        repository = self._lot.choice(self._repositories)
        name = f"topic/{self._next()}"
        repository.push(name, "Begin", author="ana")
        self.lanes.append(
            Lane(repository=repository, workflow=repository.workflow("CI"), name=name)
        )
        return True

    def _delete_branch(self) -> bool:
        done = [
            lane
            for lane in self.lanes
            if lane.name != "main" and not (lane.is_release or lane.gone or lane.running)
        ]
        if done:
            lane = self._lot.choice(done)
            lane.gone = True
            lane.repository.delete_branch(lane.name)
        return bool(done)

    def _release(self) -> bool:
        repository = self._lot.choice(self._repositories)
        name = f"v1.{self._next()}.0"
        repository.tag(name, author="ana")
        self.lanes.append(
            Lane(
                repository=repository,
                workflow=repository.workflow("Release"),
                name=name,
                is_release=True,
            )
        )
        return True

    def _running(self) -> Iterator[Run]:
        return (run for lane in self.lanes for run in lane.running)

    def _next(self) -> int:
        self._number += 1
        return self._number


def _has_broken(run: Run) -> bool:
    return any(job.conclusion in BAD for job in run.attempt.jobs)


def _has_a_choice(run: Run) -> bool:
    return not _has_broken(run) and len(run.attempt.jobs) > 1
