"""Is a lane red or green? Computed from all its runs, so the order of deliveries is no matter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.ids import RunId
from bot.domain.lane import QUEUE_BRANCH, LaneKind
from bot.domain.run import Run, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Red:
    run: Run
    """The newest red run."""
    first: Run
    """The first red run since the last green one."""
    streak: int
    """Red runs in a row, of different entries where the lane is a merge queue."""
    last_green: Run | None
    early: bool
    """The newest red run still runs; one of its jobs has failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Green:
    run: Run


def verdict(
    runs: Sequence[Run], *, red_jobs: Mapping[RunId, int] | None = None
) -> Red | Green | None:
    """Say how a lane stands.

    Skipped, cancelled and neutral runs have no colour. A run that is being re-run keeps the
    colour of its last finished attempt until the new one ends.

    Args:
        runs: Attempts of one lane, oldest first.
        red_jobs: Run ids, with the attempt, of which a job has failed though the run has not
            ended, or was cancelled afterwards.
    """
    coloured = _newest_attempts(runs, red_jobs or {})
    if not coloured:
        return None
    newest = coloured[-1]
    if newest.green:
        return Green(run=newest)
    greens = [run for run in coloured if run.green]
    last_green = greens[-1] if greens else None
    reds = [run for run in coloured if last_green is None or run.number > last_green.number]
    return Red(
        run=newest,
        first=reds[0],
        streak=len({_entry(run) for run in reds}),
        last_green=last_green,
        early=newest.status is not Status.COMPLETED,
    )


def _newest_attempts(runs: Sequence[Run], red_jobs: Mapping[RunId, int]) -> list[Run]:
    newest: dict[RunId, Run] = {}
    for run in sorted(runs, key=lambda run: run.age_key):
        if run.red or run.green or red_jobs.get(run.id) == run.attempt:
            newest[run.id] = run
    return sorted(newest.values(), key=lambda run: run.age_key)


def _entry(run: Run) -> str:
    """What must differ for two reds to count as two: in a merge queue, the entry."""
    branch = run.head_branch or ""
    return branch if QUEUE_BRANCH.fullmatch(branch) else str(run.id)


THRESHOLD = {LaneKind.SCHEDULE: 2, LaneKind.QUEUE: 2}


def alerts(red: Red, kind: LaneKind) -> bool:
    """Whether a red lane opens an incident: schedules and merge queues fail twice first."""
    return red.streak >= THRESHOLD.get(kind, 1)
