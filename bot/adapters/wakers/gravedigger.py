"""Frees the keys of the dead: jobs that nobody runs any more, though the table says so."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job

from bot.adapters.wakers.jobs import Jobs
from bot.adapters.wakers.pump import AWAY

log = structlog.get_logger()

SILENT_FOR: Final = timedelta(seconds=12)  # as long as a process may be unseen
BEATS: Final = 4  # within that time


class Gravedigger:
    def __init__(self, jobs: Jobs, *, silent_for: timedelta = SILENT_FOR) -> None:
        self._jobs = jobs
        self._silent_for = silent_for
        self._running: dict[int, int] = {}  # job -> worker, in this process
        self._workers: set[int] = set()  # that may have jobs of ours
        self._missed: set[int] = set()  # jobs of ours that we did not run at the last beat
        self._since: float | None = None  # since when we reach the database without a gap
        self._reached = float("-inf")
        self._lost = False

    @property
    def connected(self) -> bool:
        return self._now() - self._reached < self._silent_for.total_seconds()

    @contextmanager
    def alive(self, job: Job) -> Iterator[None]:
        """Say that this process runs *job* for as long as the block lasts."""
        if job.id is None or job.worker_id is None:
            msg = "a job that runs has a number and a worker"
            raise ValueError(msg)
        self._workers.add(job.worker_id)
        self._running[job.id] = job.worker_id
        try:
            yield
        finally:
            del self._running[job.id]

    async def run(self) -> None:
        """Beat until cancelled; the database may be away meanwhile."""
        while True:
            try:
                await self._beat()
            except (ConnectorException, *AWAY) as error:
                self._say(lost=True, why=str(error.__cause__ or error))
                self._since = None
            else:
                self._say(lost=False, why="")
            await asyncio.sleep(self._silent_for.total_seconds() / BEATS)

    def _say(self, *, lost: bool, why: str) -> None:
        if lost != self._lost:
            self._lost = lost
            log.warning("queue_lost" if lost else "queue_found", why=why)

    async def _beat(self) -> None:
        began = self._now()
        await self._jobs.beat(set(self._running.values()))
        await self._bury_our_own()
        if self._since is None or not self.connected:
            self._since = began
        self._reached = began
        # After a restart of the database everybody was silent, and nobody need be dead.
        if began - self._since >= self._silent_for.total_seconds():
            for job in await self._jobs.of_the_dead(silent_for=self._silent_for):
                await self._bury(job, "its worker is dead")

    async def _bury_our_own(self) -> None:
        """Remove what we did and could not cross off; twice missed, it is not only just begun."""
        missed: set[int] = set()
        for worker in tuple(self._workers):
            jobs = [job for job in await self._jobs.running(worker) if job.id not in self._running]
            for job in jobs:
                if job.id in self._missed:
                    await self._bury(job, "its end could not be recorded")
            missed |= {job.id for job in jobs if job.id is not None}
            if not jobs and worker not in self._running.values():
                self._workers.discard(worker)
        self._missed = missed

    async def _bury(self, job: Job, why: str) -> None:
        if await self._jobs.bury(job):
            log.info("job_buried", key=job.lock, worker=job.worker_id, why=why)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
