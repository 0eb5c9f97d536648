"""Questions to GitHub, asked in a few threads: PyGithub blocks while it waits."""

import asyncio
import contextvars
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Final, TypeVar

from bot.adapters.github.api import READ_POINTS, Api, Page
from bot.adapters.github.credentials import Target
from bot.adapters.github.failures import Reply
from bot.adapters.github.log_source import Counted
from bot.adapters.github.paths import of_repository
from bot.domain.errors import NotFoundError, TransientError
from bot.domain.ids import RepoId
from bot.domain.run import Repository

T = TypeVar("T")

WHOLE_CALL: Final = timedelta(seconds=90)  # PyGithub's own time-out is for each read alone
# Few, so that GitHub's limit of 100 requests at once is far away, however many processes ask.
THREADS: Final = 6
LOGS_AT_ONCE: Final = 4  # asked for beside the threads


class Asking:
    def __init__(self, api: Api, *, write_within: timedelta) -> None:
        """Start threads.

        Args:
            write_within: Send what changes something that soon, or not at all.
        """
        self._api = api
        self._write_within = write_within
        self._threads = _new_threads()
        self._logs = asyncio.Semaphore(LOGS_AT_ONCE)

    async def get(
        self,
        repo: Repository,
        *path: str | int,
        shape: type[T],
        what: str,
        **parameters: str,
    ) -> T:
        """Return what the path below *repo* answers.

        Args:
            what: What is asked for, in words for the error message.
        """
        target = target_of(repo)
        url = of_repository(target.name, *path)
        return await self._do(partial(self._api.get, target, url, shape, what=what, **parameters))

    async def get_by_id(self, repo: Repository, id: RepoId, *, shape: type[T]) -> T:
        """Return the repository numbered *id*, with the rights that we have for *repo*."""
        url, what = f"/repositories/{id}", f"repository {id}"
        return await self._do(partial(self._api.get, target_of(repo), url, shape, what=what))

    async def pages(
        self, repo: Repository, *path: str | int, shape: type[T], what: str, **parameters: str
    ) -> list[T]:
        """Return all pages of a list."""
        target = target_of(repo)
        url = of_repository(target.name, *path)
        pages = partial(self._api.pages, target, url, shape, what=what, **parameters)
        return await self._do(lambda: list(pages()))

    async def page(
        self,
        target: Target,
        path: str,
        *,
        shape: type[T],
        what: str,
        etag: str = "",
        **parameters: str,
    ) -> Page[T] | None:
        """Return one page of a list; None where it still is what *etag* named."""
        return await self._do(
            partial(self._api.page, target, path, shape, what=what, etag=etag, **parameters)
        )

    async def pages_of(
        self, target: Target, path: str, *, shape: type[T], what: str, **parameters: str
    ) -> list[T]:
        """Return all pages of a list that is below no repository."""
        pages = partial(self._api.pages, target, path, shape, what=what, **parameters)
        return await self._do(lambda: list(pages()))

    async def one(self, target: Target, path: str, *, shape: type[T], what: str) -> T:
        """Return what is below no repository."""
        return await self._do(partial(self._api.get, target, path, shape, what=what))

    async def wish(self, target: Target, path: str, *, what: str) -> None:
        """Ask for something to be done that may be done twice."""
        await self._do(partial(self._api.wish, target, path, what=what))

    async def exists(self, repo: Repository, *path: str | int) -> bool:
        try:
            await self.get(repo, *path, shape=object, what="ref")
        except NotFoundError:
            return False
        return True

    async def post(self, repo: Repository, *path: str | int, body: Mapping[str, object]) -> Reply:
        target = target_of(repo)
        return await self._do(
            partial(
                self._api.post,
                target,
                of_repository(target.name, *path),
                body,
                # The wait for a thread is counted too.
                send_by=time.monotonic() + self._write_within.total_seconds(),
            )
        )

    @asynccontextmanager
    async def counting(self, repo: Repository) -> AsyncIterator[Counted]:
        """Count one request that is sent otherwise, if it may be sent now.

        Raises:
            BusyError: It may not.
        """
        payer = self._api.credentials.payer(target_of(repo))
        async with self._logs:
            await self._do(partial(self._api.meter.enter, payer, points=READ_POINTS))
            counted = Counted()
            try:
                yield counted
            finally:
                await self._do(partial(self._settle, payer, counted.reply))

    def _settle(self, payer: str, reply: Reply | None) -> None:
        if reply is None:
            self._api.meter.lost(payer)
        else:
            self._api.meter.leave(payer, reply)

    async def token(self, repo: Repository) -> str:
        return await self._do(partial(self._api.credentials.token, target_of(repo)))

    async def renew(self, repo: Repository) -> bool:
        return await self._do(partial(self._api.credentials.renew, target_of(repo)))

    async def close(self) -> None:
        """Close all connections; a request that still hangs is left to its time-out."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        await asyncio.sleep(0)
        self._api.close()

    async def _do(self, call: Callable[[], T]) -> T:
        """Run *call* in a thread; one that drips for ever is given up, and its thread replaced."""
        threads = self._threads
        try:
            async with asyncio.timeout(WHOLE_CALL.total_seconds()):
                # With what the questions are for, which the thread would not know.
                there = contextvars.copy_context().run
                return await asyncio.get_running_loop().run_in_executor(threads, there, call)
        except TimeoutError as error:
            if threads is self._threads:
                self._threads = _new_threads()
                # What waits there comes to its own time-out: cancelled, it would look like us
                # being told to stop.
                threads.shutdown(wait=False)
            msg = f"GitHub did not finish its answer within {WHOLE_CALL.seconds} s."
            raise TransientError(msg) from error


def _new_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="github")


def target_of(repo: Repository) -> Target:
    return Target(name=repo.full_name, installation=repo.installation)
