"""Explains one job after the other of a run on GitHub."""

import sys
import tempfile
from collections.abc import Sequence
from typing import BinaryIO, Final, cast

from bot.cli.explaining.answers import Answer, Explained, Unread
from bot.cli.explaining.blocks import plain
from bot.cli.explaining.progress import Progress
from bot.cli.explaining.surroundings import surroundings
from bot.diagnosis import Annotation, Context, Reader, RuleSet, Step
from bot.domain.errors import NotFoundError, SmokejumperError
from bot.domain.run import Job, Repository
from bot.ports.code_host import CodeHost

IN_MEMORY_BYTES: Final = 16_000_000


class RunJobs:
    def __init__(self, address: str, rules: RuleSet, *, with_context: bool) -> None:
        self._address = address
        self._rules = rules
        self._with_context = with_context

    async def answer(self, host: CodeHost, repo: Repository, job: Job) -> Answer:
        """Say why *job* failed; without a log its annotations and steps decide."""
        name = f"{self._address}:{job.name}"
        with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES) as spooled:
            log = cast("BinaryIO", spooled)
            try:
                notes = await _fetch(host, repo, job, into=log)
            except SmokejumperError as error:
                return Unread(file=name, error=str(error))
            reader = Reader(_context(job, notes), self._rules)
            for block in plain(log):
                reader.feed(block)
            diagnosis = reader.finish()
            around = surroundings(plain(log), diagnosis) if self._with_context else {}
        return Explained(file=name, diagnosis=diagnosis, around=around)


async def _fetch(
    host: CodeHost, repo: Repository, job: Job, *, into: BinaryIO
) -> Sequence[Annotation]:
    """Write the log of *job* to a file; return its annotations where there is no log."""
    try:
        with Progress(sys.stderr, name=job.name, size=None) as progress:
            async with host.job_log(repo, job.id) as blocks:
                async for block in blocks:
                    into.write(block)
                    progress.moved(len(block))
    except NotFoundError:
        pass  # some jobs end before they write one
    if into.tell():
        return ()
    return [
        Annotation(message=note.message, path=note.path, level=note.level)
        for note in await host.annotations(repo, job.id)
    ]


def _context(job: Job, annotations: Sequence[Annotation]) -> Context:
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
    return Context(job=job.name, steps=steps, annotations=annotations)
