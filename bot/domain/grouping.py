"""Twelve jobs that fail the same way are one failure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.failure import Diagnosis


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedJob:
    """A failed job and what its log said; None where it was not read."""

    name: str
    step: str
    diagnosis: Diagnosis | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureGroup:
    step: str
    jobs: tuple[str, ...]
    diagnosis: Diagnosis | None

    @property
    def title(self) -> str:
        """Its jobs in a few words: "build (linux/arm64) and 11 more"."""
        rest = len(self.jobs) - 1
        return f"{self.jobs[0]} and {rest} more" if rest else self.jobs[0]


def group(jobs: Sequence[FailedJob]) -> tuple[FailureGroup, ...]:
    """Group failed jobs by failing step and fingerprint, the largest first.

    A job whose log was not read joins the group of its step where there is just one.
    """
    members: dict[tuple[str, str], list[FailedJob]] = {}
    for job in jobs:
        if job.diagnosis:
            members.setdefault((job.step, job.diagnosis.fingerprint), []).append(job)
    for job in jobs:
        if job.diagnosis:
            continue
        same_step = [key for key in members if key[0] == job.step]
        key = same_step[0] if len(same_step) == 1 else (job.step, "")
        members.setdefault(key, []).append(job)
    groups = [
        FailureGroup(
            step=step,
            jobs=tuple(job.name for job in found),
            diagnosis=found[0].diagnosis,
        )
        for (step, _), found in members.items()
    ]
    return tuple(sorted(groups, key=lambda group: (group.diagnosis is None, -len(group.jobs))))
