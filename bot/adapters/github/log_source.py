"""Job logs, streamed: too large to hold, behind a link that lives a minute."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Final, Self
from urllib.parse import urljoin

import aiohttp
from yarl import URL

from bot.adapters.github.failures import Reply
from bot.domain.errors import TransientError

MOST_BYTES: Final = 200_000_000  # unpacked; the reason may lie anywhere, so no tail is cut out
BLOCK: Final = 64 * 1024
MOST_REDIRECTS: Final = 3
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
WHOLE_LOG: Final = timedelta(minutes=3)  # a log that drips must not hold a place for ever
LOST: Final = (aiohttp.ClientError, TimeoutError)


@dataclass(slots=True)
class Counted:
    """A question that somebody counts; whoever asks it leaves the answer here."""

    reply: Reply | None = None


Counting = Callable[[], AbstractAsyncContextManager[Counted]]


@asynccontextmanager
async def _bounded() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(WHOLE_LOG.total_seconds()):
            yield
    except TimeoutError as error:
        msg = f"GitHub's log storage was too slow to give the log within {WHOLE_LOG}."
        raise TransientError(msg) from error


class LogSource:
    """Fetches logs over a session of its own; PyGithub would load them whole."""

    def __init__(self, *, base_url: str, timeout: timedelta) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout.total_seconds()

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=self._timeout, sock_read=self._timeout
            ),
            headers={"User-Agent": "smokejumper"},
            trust_env=True,  # the same proxy as for all other requests
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    @asynccontextmanager
    async def open(
        self, path: str, *, token: str, counting: Counting
    ) -> AsyncIterator[AsyncIterator[bytes] | Reply]:
        """Open the log at *path*, or return what GitHub said instead.

        The token goes to GitHub alone: the storage host, to which it redirects, refuses a
        request that has one.

        Args:
            counting: Entered for each question to GitHub itself, and left with its answer.
        """
        try:
            found = await self._follow(URL(self._base_url + path, encoded=True), token, counting)
        except LOST as error:
            raise _lost(error) from error
        if isinstance(found, Reply):
            yield found
            return
        async with found:
            if found.status == HTTPStatus.OK:
                async with _bounded():
                    yield _blocks(found)
            elif found.status == HTTPStatus.NOT_FOUND:
                yield await _reply(found)
            else:
                # Above all 403, for a link that has run out; GitHub gives another.
                msg = f"The log storage answered {found.status}."
                raise TransientError(msg)

    async def _follow(
        self, url: URL, token: str, counting: Counting
    ) -> aiohttp.ClientResponse | Reply:
        home = url.origin()
        for _ in range(MOST_REDIRECTS):
            if url.origin() == home:
                async with counting() as counted:
                    response = await self._get(url, {"Authorization": f"Bearer {token}"})
                    counted.reply = await _head(response)
                if counted.reply.status not in {*REDIRECTS, HTTPStatus.OK}:
                    return counted.reply
            else:
                response = await self._get(url, {})
            if response.status not in REDIRECTS:
                return response
            place = response.headers.get("Location", "")
            response.release()
            # The link is signed over its exact spelling, so it is not spelt anew.
            url = URL(urljoin(str(url), place), encoded=True)
        msg = "GitHub leads from one address to the next instead of to the log."
        raise TransientError(msg)

    async def _get(self, url: URL, headers: Mapping[str, str]) -> aiohttp.ClientResponse:
        return await self._session.get(url, headers=headers, allow_redirects=False)


async def _head(response: aiohttp.ClientResponse) -> Reply:
    """Return what an answer says; of a log only that it comes."""
    if response.status in REDIRECTS or response.status == HTTPStatus.OK:
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(status=response.status, headers=headers)
    async with response:
        return await _reply(response)


async def _blocks(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    left = MOST_BYTES
    try:
        async for block in response.content.iter_chunked(BLOCK):
            yield block[:left]
            left -= len(block)
            if left <= 0:
                return
    except LOST as error:
        raise _lost(error) from error


async def _reply(response: aiohttp.ClientResponse) -> Reply:
    try:
        text = (await response.content.read(BLOCK)).decode(errors="replace")
    except LOST as error:
        raise _lost(error) from error
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(status=response.status, headers=headers, text=text)


def _lost(error: Exception) -> TransientError:
    return TransientError(f"The log can't be fetched: {type(error).__name__}")
