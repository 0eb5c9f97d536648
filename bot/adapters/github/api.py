"""GitHub's REST API over PyGithub's requests; blocking, for worker threads alone."""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, TypeVar

import github
import msgspec
from github.Requester import Requester

from bot.adapters.github.credentials import Credentials, Target
from bot.adapters.github.failures import Reply, failure, rate_limit
from bot.domain.errors import PermanentError, TransientError

T = TypeVar("T")

TIMEOUT: Final = timedelta(seconds=15)
PAGE: Final = "100"  # GitHub's largest
MOST_PAGES: Final = 30
MOVED: Final = frozenset({HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT})
NEXT: Final = re.compile(r'<([^>]+)>;\s*rel="next"')
# A media type and an API version, so that GitHub's newest default can't surprise us.
HEADERS: Final = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


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
    ) -> None:
        self.credentials = credentials
        self._base_url = base_url.rstrip("/")
        self._now = now
        self._timeout = timeout
        self._of_thread = threading.local()
        self._opened: list[github.Github] = []
        self._quiet_until: dict[int | None, datetime] = {}

    def get(self, target: Target, path: str, shape: type[T], *, what: str, **parameters: str) -> T:
        """Return what *path* answers, read as *shape*."""
        return _decoded(self._asked(target, "GET", path, what, parameters), shape, what)

    def pages(
        self, target: Target, path: str, shape: type[T], *, what: str, **parameters: str
    ) -> Iterator[T]:
        """Yield the pages of a list, as long as there are more."""
        url, query = path, {"per_page": PAGE, **parameters}
        for _ in range(MOST_PAGES):
            reply = self._asked(target, "GET", url, what, query)
            yield _decoded(reply, shape, what)
            more = NEXT.search(reply.headers.get("link", ""))
            if more is None:
                return
            url, query = more[1], {}

    def post(self, target: Target, path: str, body: Mapping[str, object]) -> Reply:
        """Return the answer to a wish, whatever it is, except that it was lost or limited.

        Raises:
            TransientError: It may or may not have been done.
        """
        return self._sent(target, "POST", path, {}, body)

    def close(self) -> None:
        """Close all connections; no thread may be asking any more."""
        for client in self._opened:
            client.close()
        self.credentials.close()

    def _asked(
        self, target: Target, verb: str, url: str, what: str, parameters: Mapping[str, str]
    ) -> Reply:
        reply = self._sent(target, verb, url, parameters, None)
        if not reply.ok:
            raise failure(reply, what=what, now=self._now())
        return reply

    def _sent(
        self,
        target: Target,
        verb: str,
        url: str,
        parameters: Mapping[str, str],
        body: Mapping[str, object] | None,
    ) -> Reply:
        reply = self._once(target, verb, url, parameters, body)
        if reply.status == HTTPStatus.UNAUTHORIZED and self.credentials.renew(target):
            reply = self._once(target, verb, url, parameters, body)
        if reply.status in MOVED and (place := reply.headers.get("location")):
            # A renamed repository: a POST is answered with 307, which PyGithub leaves to us.
            reply = self._once(target, verb, place, {}, body)
        return reply

    def _once(
        self,
        target: Target,
        verb: str,
        url: str,
        parameters: Mapping[str, str],
        body: Mapping[str, object] | None,
    ) -> Reply:
        self._stay_quiet(target)
        authorization = {"Authorization": f"Bearer {self.credentials.token(target)}"}
        try:
            # An absolute URL, as in Link headers, is asked of our own host whatever it names.
            status, headers, text = self._requester().requestJson(
                verb, url, dict(parameters), {**HEADERS, **authorization}, body
            )
        except OSError as error:  # what the HTTP library raises for lost connections
            msg = f"GitHub can't be reached: {type(error).__name__}"
            raise TransientError(msg) from error
        except RuntimeError as error:  # PyGithub's word for a redirect to elsewhere
            msg = f"GITHUB_API_URL is not where GitHub answers. {error}"
            raise PermanentError(msg) from error
        reply = Reply(status=status, headers=headers, text=text)
        if wait := rate_limit(reply, now=self._now()):
            self._quiet_until[target.installation] = self._now() + wait
            raise failure(reply, what=url, now=self._now())
        return reply

    def _stay_quiet(self, target: Target) -> None:
        """Ask nothing while GitHub wants silence; it bans who goes on asking."""
        until = self._quiet_until.get(target.installation)
        if until and (wait := until - self._now()) > timedelta(0):
            msg = "GitHub asked us to slow down."
            raise TransientError(msg, after=wait)

    def _requester(self) -> Requester:
        client: github.Github | None = getattr(self._of_thread, "client", None)
        if client is None:
            client = github.Github(
                base_url=self._base_url,
                timeout=round(self._timeout.total_seconds()),
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
