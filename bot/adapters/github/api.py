"""GitHub's REST API over PyGithub's requests; blocking, for worker threads alone."""

import math
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, Generic, Self, TypeVar

import github
import msgspec
from github.Requester import Requester

from bot.adapters.github.budget import Meter
from bot.adapters.github.credentials import Credentials, Target
from bot.adapters.github.failures import Reply, failure
from bot.domain.errors import BusyError, PermanentError, TransientError

T = TypeVar("T")

TIMEOUT: Final = timedelta(seconds=15)
READ_POINTS: Final = 1  # REST API, "Calculating points for the secondary rate limit"
WRITE_POINTS: Final = 5
COME_AGAIN: Final = timedelta(seconds=2)
PAGE: Final = "100"  # GitHub's largest
MOST_PAGES: Final = 30
MOVED: Final = frozenset({HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT})
NEXT: Final = re.compile(r'<([^>]+)>;\s*rel="next"')
# A media type and an API version, so that GitHub's newest default can't surprise us.
HEADERS: Final = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """One page of a list."""

    value: T
    etag: str
    more: str
    """Where the next page is; empty on the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    verb: str
    url: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    send_by: float = math.inf
    """On the clock that never jumps."""

    @classmethod
    def get(cls, url: str, parameters: Mapping[str, str], *, etag: str = "") -> Self:
        headers = {"If-None-Match": etag} if etag else {}
        return cls(verb="GET", url=url, parameters=parameters, headers=headers)


class Api:
    """Sends requests, each once, and says what a refusal means.

    PyGithub's requester keeps the request under way in its connection, so that two threads
    would send each other's: each thread has its own. Its repeating is off, since it would
    repeat a re-run too, and so is its pacing, which sleeps in the thread.
    """

    def __init__(
        self,
        *,
        credentials: Credentials,
        base_url: str,
        now: Callable[[], datetime],
        timeout: timedelta = TIMEOUT,
        meter: Meter | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            timeout: For connecting, and again for each piece of an answer.
        """
        self.meter = meter or Meter(now=now)
        self.credentials = credentials
        self._base_url = base_url.rstrip("/")
        self._now = now
        self._timeout = timeout
        self._of_thread = threading.local()
        self._opened: list[github.Github] = []

    def get(self, target: Target, path: str, shape: type[T], *, what: str, **parameters: str) -> T:
        """Return what *path* answers, read as *shape*."""
        return _decoded(self._asked(target, _Request.get(path, parameters), what), shape, what)

    def pages(
        self, target: Target, path: str, shape: type[T], *, what: str, **parameters: str
    ) -> Iterator[T]:
        """Yield the pages of a list, as long as there are more."""
        url, query = path, {"per_page": PAGE, **parameters}
        for _ in range(MOST_PAGES):
            reply = self._asked(target, _Request.get(url, query), what)
            yield _decoded(reply, shape, what)
            more = NEXT.search(reply.headers.get("link", ""))
            if more is None:
                return
            url, query = more[1], {}

    def page(
        self,
        target: Target,
        path: str,
        shape: type[T],
        *,
        what: str,
        etag: str = "",
        **parameters: str,
    ) -> Page[T] | None:
        """Return one page; None where it still is what *etag* named, which costs nothing."""
        reply = self._asked(target, _Request.get(path, parameters, etag=etag), what)
        if reply.status == HTTPStatus.NOT_MODIFIED:
            return None
        more = NEXT.search(reply.headers.get("link", ""))
        return Page(
            value=_decoded(reply, shape, what),
            etag=reply.headers.get("etag", ""),
            more=more[1] if more else "",
        )

    def post(
        self, target: Target, path: str, body: Mapping[str, object], *, send_by: float
    ) -> Reply:
        """Return the answer to a wish, whatever it is, except that it was lost or limited.

        Args:
            send_by: Not later, on the clock that never jumps; whoever looks whether it was
                done must not be overtaken.

        Raises:
            TransientError: It may or may not have been done.
        """
        return self._sent(target, _Request(verb="POST", url=path, body=body, send_by=send_by))

    def wish(self, target: Target, path: str, *, what: str) -> None:
        """Send a wish that has no body, and that GitHub should not refuse."""
        reply = self._sent(target, _Request(verb="POST", url=path, body={}))
        if not reply.ok:
            raise failure(reply, what=what, now=self._now())

    def close(self) -> None:
        """Close all connections; no thread may be asking any more."""
        for client in self._opened:
            client.close()
        self.credentials.close()

    def _asked(self, target: Target, request: _Request, what: str) -> Reply:
        reply = self._sent(target, request)
        unchanged = reply.status == HTTPStatus.NOT_MODIFIED and bool(request.headers)
        if not (reply.ok or unchanged):
            raise failure(reply, what=what, now=self._now())
        return reply

    def _sent(self, target: Target, request: _Request) -> Reply:
        reply = self._once(target, request)
        if reply.status == HTTPStatus.UNAUTHORIZED and self.credentials.renew(target):
            reply = self._once(target, request)
        if reply.status in MOVED and (place := reply.headers.get("location")):
            # A renamed repository: a POST is answered with 307, which PyGithub leaves to us.
            reply = self._once(target, replace(request, url=place, parameters={}))
        return reply

    def _once(self, target: Target, request: _Request) -> Reply:
        token = self.credentials.token(target)
        return self.meter.ask(
            self.credentials.payer(target),
            lambda: self._exchanged(request, token),
            points=READ_POINTS if request.verb == "GET" else WRITE_POINTS,
        )

    def _exchanged(self, request: _Request, token: str) -> Reply:
        if time.monotonic() > request.send_by:
            msg = "All our connections to GitHub were in use."
            raise BusyError(msg, after=COME_AGAIN)
        try:
            # An absolute URL, as in Link headers, is asked of our own host whatever it names.
            status, headers, text = self._requester().requestJson(
                request.verb,
                request.url,
                dict(request.parameters),
                {**HEADERS, "Authorization": f"Bearer {token}", **request.headers},
                request.body,
            )
        except OSError as error:  # what the HTTP library raises for lost connections
            msg = f"GitHub can't be reached: {type(error).__name__}"
            raise TransientError(msg) from error
        except RuntimeError as error:  # PyGithub's word for a redirect to elsewhere
            msg = f"GITHUB_API_URL is not where GitHub answers. {error}"
            raise PermanentError(msg) from error
        return Reply(status=status, headers=headers, text=text)

    def _requester(self) -> Requester:
        client: github.Github | None = getattr(self._of_thread, "client", None)
        if client is None:
            client = github.Github(
                base_url=self._base_url,
                timeout=max(1, int(self._timeout.total_seconds())),
                user_agent="smokejumper",
                retry=0,
                seconds_between_requests=0,
                seconds_between_writes=0,
            )
            self._of_thread.client = client
            self._opened.append(client)
        return client.requester


def _decoded(reply: Reply, shape: type[T], what: str) -> T:
    try:
        return msgspec.json.decode(reply.text, type=shape)
    except (msgspec.DecodeError, RecursionError) as error:
        msg = f"GitHub's answer for {what} can't be read: {error}"
        raise TransientError(msg) from error
