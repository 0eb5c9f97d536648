"""Questions to GitHub, asked in a few threads: PyGithub blocks while it waits."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Final, TypeVar

from bot.adapters.github.api import Api
from bot.adapters.github.credentials import Target
from bot.adapters.github.failures import Reply
from bot.adapters.github.paths import of_repository
from bot.domain.errors import NotFoundError, TransientError
from bot.domain.ids import RepoId
from bot.domain.run import Repository

T = TypeVar("T")

WHOLE_CALL: Final = timedelta(seconds=90)  # PyGithub's own time-out is for each read alone
THREADS: Final = 4  # few, so that GitHub's limit of 100 requests at once is far away


class Asking:
    def __init__(self, api: Api) -> None:
        self._api = api
        self._threads = _new_threads()

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
        target = _target(repo)
        url = of_repository(target.name, *path)
        return await self._do(partial(self._api.get, target, url, shape, what=what, **parameters))

    async def get_by_id(self, repo: Repository, id: RepoId, *, shape: type[T]) -> T:
        """Return the repository numbered *id*, with the rights that we have for *repo*."""
        url, what = f"/repositories/{id}", f"repository {id}"
        return await self._do(partial(self._api.get, _target(repo), url, shape, what=what))

    async def pages(
        self, repo: Repository, *path: str | int, shape: type[T], what: str, **parameters: str
    ) -> list[T]:
        """Return all pages of a list."""
        target = _target(repo)
        url = of_repository(target.name, *path)
        pages = partial(self._api.pages, target, url, shape, what=what, **parameters)
        return await self._do(lambda: list(pages()))

    async def exists(self, repo: Repository, *path: str | int) -> bool:
        try:
            await self.get(repo, *path, shape=object, what="ref")
        except NotFoundError:
            return False
        return True

    async def post(self, repo: Repository, *path: str | int, body: Mapping[str, object]) -> Reply:
        target = _target(repo)
        return await self._do(
            partial(self._api.post, target, of_repository(target.name, *path), body)
        )

    async def token(self, repo: Repository) -> str:
        return await self._do(partial(self._api.credentials.token, _target(repo)))

    async def renew(self, repo: Repository) -> bool:
        return await self._do(partial(self._api.credentials.renew, _target(repo)))

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
                return await asyncio.get_running_loop().run_in_executor(threads, call)
        except TimeoutError as error:
            if threads is self._threads:
                self._threads = _new_threads()
                threads.shutdown(wait=False, cancel_futures=True)
            msg = f"GitHub did not finish its answer within {WHOLE_CALL.seconds} s."
            raise TransientError(msg) from error


def _new_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="github")


def _target(repo: Repository) -> Target:
    return Target(name=repo.full_name, installation=repo.installation)
