"""Reads why the jobs of one failed run failed."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.diagnosis import Annotation, Context, Reader, Step
from bot.domain.errors import NotFoundError
from bot.domain.failure import Diagnosis
from bot.domain.incident import Incident
from bot.domain.run import Job, Repository
from bot.ports.code_host import CodeHost
from bot.services.greens import Green, Greens

LOGS: Final = 8  # logs read to say why
LOGS_BEFORE_RETRY: Final = 30  # logs read before everything is run again


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Reads logs through the code host; a job's log is never stored."""

    code_host: CodeHost
    greens: Greens
    reader: Callable[[Context], Reader] = Reader

    async def diagnose(self, repo: Repository, job: Job, *, since: Incident | None) -> Diagnosis:
        """Say why *job* failed; without a log its annotations and steps decide.

        Args:
            since: Its last green run says which lines are new; None spares the calls for that.

        Raises:
            TransientError: GitHub does not show the log yet, or does not answer.
        """
        green = await self.greens.of(since, repo, job) if since else None
        reader = self.reader(_context(job, annotations=(), green=green))
        try:
            async with self.code_host.job_log(repo, job.id) as blocks:
                read_any = False
                async for block in blocks:
                    read_any = True
                    await asyncio.to_thread(reader.feed, block)
        except NotFoundError:
            read_any = False
        if not read_any:
            found = await self.code_host.annotations(repo, job.id)
            notes = [
                Annotation(message=note.message, path=note.path, level=note.level) for note in found
            ]
            reader = self.reader(_context(job, annotations=notes, green=None))
        return await asyncio.to_thread(reader.finish)


def choose(jobs: Sequence[Job], *, most: int) -> list[Job]:
    """Choose whose logs to read: one of each kind first, then the others."""
    kinds: dict[tuple[str, str], list[Job]] = {}
    for job in jobs:
        kinds.setdefault((base_name(job.name), step_name(job)), []).append(job)
    first = [members[0] for members in kinds.values()]
    others = [job for members in kinds.values() for job in members[1:]]
    return [*first, *others][:most]


def base_name(name: str) -> str:
    """Return what the cells of a matrix share: "build (linux/arm64)" is a "build"."""
    return name.split(" (", 1)[0]


def step_name(job: Job) -> str:
    return job.failing_step.name if job.failing_step else ""


def _context(job: Job, *, annotations: Sequence[Annotation], green: Green | None) -> Context:
    steps = [
        Step(
            number=step.number,
            name=step.name,
            conclusion=step.conclusion,
            started_at=step.started_at,
            completed_at=step.completed_at,
        )
        for step in job.steps
    ]
    return Context(
        job=job.name,
        steps=steps,
        annotations=annotations,
        green=green.sketch if green else None,
        green_ref=green.ref if green else "",
    )
