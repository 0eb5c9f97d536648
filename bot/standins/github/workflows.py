"""A workflow file: it numbers its runs and can be disabled, renamed and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict, Unpack

from bot.standins.github.jobs import STEPS
from bot.standins.github.runs import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.standins.github.pulls import PullRequest
    from bot.standins.github.repository import Repository


class Wish(TypedDict, total=False):
    """What can be said of a run; `Workflow.request` says what is taken otherwise."""

    event: str
    branch: str | None
    sha: str | None
    jobs: Iterable[str] | Mapping[str, Sequence[str]]
    actor: str
    pull: PullRequest | None
    created_at: datetime | None
    environments: Mapping[str, str]


@dataclass(slots=True, kw_only=True, eq=False)
class Workflow:
    id: int
    repository: Repository
    name: str
    path: str
    created_at: datetime
    updated_at: datetime
    state: str = "active"
    runs: list[Run] = field(default_factory=list)

    def request(  # noqa: PLR0913 - all keyword-only, as the fields of `Wish`
        self,
        *,
        event: str = "push",
        branch: str | None = None,
        sha: str | None = None,
        jobs: Iterable[str] | Mapping[str, Sequence[str]] = ("build",),
        actor: str = "ana",
        pull: PullRequest | None = None,
        created_at: datetime | None = None,
        environments: Mapping[str, str] | None = None,
    ) -> Run:
        """Queue a run; `begin` starts it.

        Args:
            branch: The branch or, as GitHub has it, the tag that was pushed; the pull
                request's head or the default branch if none is given.
            jobs: Their names, or their names and the names of their own steps.
            created_at: A moment in the past, for a run that GitHub will not re-run.
            environments: Names of jobs, and the environment that each deploys to.
        """
        world = self.repository.world
        name = branch or (pull.head if pull else self.repository.default_branch)
        run = Run(
            id=world.next_id("run"),
            workflow=self,
            run_number=len(self.runs) + 1,
            event=event,
            branch=name,
            sha=sha or (pull.head_sha if pull else self.repository.sha_of(name)),
            actor=world.account(actor),
            created_at=created_at or world.now(),
            plan=dict(jobs) if isinstance(jobs, Mapping) else dict.fromkeys(jobs, STEPS),
            pull=pull,
            environments=environments or {},
            known_from=world.clock() + world.limits.api_lag.total_seconds(),
        )
        self.runs.append(run)
        run.open_attempt(run.plan, run.actor)
        return run

    def start(self, **wish: Unpack[Wish]) -> Run:
        """Queue a run and start it with all its jobs; the arguments are those of `request`."""
        run = self.request(**wish)
        run.begin()
        return run

    def disable(self) -> None:
        self._become("disabled_manually")

    def enable(self) -> None:
        self._become("active")

    def move(self, path: str) -> Workflow:
        """Rename the file: the old workflow is gone, and a new one counts from 1."""
        self._become("deleted")
        return self.repository.add_workflow(self.name, path)

    def _become(self, state: str) -> None:
        self.state = state
        self.updated_at = self.repository.world.now()
