"""The log of a job: there, not yet there, or gone."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from bot.adapters.github import shapes, values
from bot.adapters.github.asking import Asking
from bot.adapters.github.failures import Reply, failure
from bot.adapters.github.log_source import LogSource
from bot.adapters.github.paths import of_repository
from bot.domain.errors import NotFoundError, SmokejumperError, TransientError
from bot.domain.ids import JobId
from bot.domain.run import Repository, Status

SETTLES: Final = timedelta(minutes=2)  # a log can follow its job's webhook that much later
LOOK_AGAIN: Final = timedelta(seconds=15)


class JobLogs:
    def __init__(self, asking: Asking, source: LogSource, *, now: Callable[[], datetime]) -> None:
        self._asking = asking
        self._source = source
        self._now = now

    @asynccontextmanager
    async def open(self, repo: Repository, job: JobId) -> AsyncIterator[AsyncIterator[bytes]]:
        async with AsyncExitStack() as stack:
            log = await stack.enter_async_context(await self._opening(repo, job))
            if _is_unauthorized(log) and await self._asking.renew(repo):
                log = await stack.enter_async_context(await self._opening(repo, job))
            if isinstance(log, Reply):
                raise await self._missing(repo, job, log)
            yield log

    async def _opening(
        self, repo: Repository, job: JobId
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes] | Reply]:
        path = of_repository(repo.full_name, "actions/jobs", job, "logs")
        token = await self._asking.token(repo)
        return self._source.open(path, token=token, counting=lambda: self._asking.counting(repo))

    async def _missing(self, repo: Repository, job: JobId, reply: Reply) -> SmokejumperError:
        """Say why there is no log: not yet, or never again."""
        what = f"log of job {job} of {repo.full_name}"
        if reply.status == HTTPStatus.GONE:
            return NotFoundError(f"The {what} has expired.")
        if reply.status != HTTPStatus.NOT_FOUND:
            return failure(reply, what=what, now=self._now())
        if await self._is_fresh(repo, job):
            return TransientError(f"The {what} is not there yet.", after=LOOK_AGAIN)
        return NotFoundError(f"GitHub has no {what}.")

    async def _is_fresh(self, repo: Repository, job: JobId) -> bool:
        """Whether the job still runs, or has ended only now."""
        now = self._now()
        raw = await self._asking.get(
            repo, "actions/jobs", job, shape=shapes.WorkflowJob, what=f"job {job}"
        )
        found = values.job(raw, seen_at=now)
        if found.status is not Status.COMPLETED:
            return True
        return found.completed_at is not None and now - found.completed_at < SETTLES


def _is_unauthorized(log: AsyncIterator[bytes] | Reply) -> bool:
    return isinstance(log, Reply) and log.status == HTTPStatus.UNAUTHORIZED
