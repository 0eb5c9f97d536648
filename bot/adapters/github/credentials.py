"""Who we are to GitHub: a token, or an App with a token for each installation.

Everything here may ask GitHub and blocks; call it from worker threads alone.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

import msgspec
from github.Auth import AppAuth
from github.GithubException import GithubException
from github.GithubIntegration import GithubIntegration
from jwt.exceptions import InvalidKeyError

from bot.adapters.github.failures import Reply, failure
from bot.domain.errors import NotFoundError, PermanentError, TransientError
from bot.domain.ids import InstallationId

T = TypeVar("T")

RENEW_BEFORE: Final = timedelta(minutes=2)  # a log may stream that long after its first byte


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The repository that a request is about."""

    name: str
    installation: InstallationId | None = None
    itself: bool = False
    """The App is asked about itself; `name` is empty."""


class Credentials(Protocol):
    def token(self, target: Target) -> str:
        """Return a token that reaches *target*."""
        ...

    def payer(self, target: Target) -> str:
        """Name the account that pays for questions about *target*; its token was asked for."""
        ...

    def renew(self, target: Target) -> bool:
        """Forget a refused token; False where there is no other to be had."""
        ...

    def close(self) -> None: ...


class TokenCredentials:
    """A personal access token, classic or fine-grained."""

    def __init__(self, token: str, *, payer: str = "token") -> None:
        self._token = token
        self._payer = payer

    def token(self, target: Target) -> str:  # noqa: ARG002 - one for all
        return self._token

    def payer(self, target: Target) -> str:  # noqa: ARG002 - one for all
        return self._payer

    def renew(self, target: Target) -> bool:  # noqa: ARG002 - one for all
        return False

    def close(self) -> None:
        """Do nothing; there is no connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    text: str
    expires_at: datetime


def _signer(app_id: int, private_key: str) -> AppAuth:
    """Return what signs for the App; a wrong key shows now, not at the first failed run."""
    app = AppAuth(app_id, private_key)
    try:
        app.create_jwt()
    except InvalidKeyError as error:
        msg = (
            "The file in GITHUB_APP_PRIVATE_KEY_FILE holds no private key."
            " Download one from the page of the App."
        )
        raise PermanentError(msg) from error
    return app


class AppCredentials:
    """A GitHub App; installation tokens live an hour and are shared by all threads."""

    def __init__(
        self,
        *,
        app_id: int,
        private_key: str,
        base_url: str,
        now: Callable[[], datetime],
        timeout: timedelta = timedelta(seconds=15),
    ) -> None:
        self._app = _signer(app_id, private_key)
        self._integration = GithubIntegration(
            auth=self._app,
            base_url=base_url,
            timeout=max(1, int(timeout.total_seconds())),
            retry=0,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )
        self._now = now
        self._lock = threading.Lock()  # PyGithub's connection takes one request at a time
        self._tokens: dict[InstallationId, _Token] = {}
        self._installations: dict[str, InstallationId] = {}

    def token(self, target: Target) -> str:
        if target.itself:
            return self._app.token
        with self._lock:
            try:
                return self._fresh(self._installation(target), target)
            except NotFoundError:
                # Installed anew: the number we knew is dead, the name still leads there.
                return self._fresh(self._look_up(target), target)

    def payer(self, target: Target) -> str:
        if target.itself:
            return "app"
        known = self._installations.get(target.name) or target.installation
        return f"installation {known}"

    def renew(self, target: Target) -> bool:
        if target.itself:
            return False
        with self._lock:
            self._tokens.pop(self._installation(target), None)
        return True

    def itself(self) -> TokenCredentials:
        """Return what asks about the App itself, for some minutes."""
        return TokenCredentials(self._app.token, payer="app")

    def close(self) -> None:
        self._integration.close()

    def _installation(self, target: Target) -> InstallationId:
        known = self._installations.get(target.name) or target.installation
        return known or self._look_up(target)

    def _look_up(self, target: Target) -> InstallationId:
        owner, name = target.name.split("/", 1)
        found = self._ask(
            lambda: self._integration.get_repo_installation(owner, name),
            f"installation of the App that reaches {target.name}",
        )
        self._installations[target.name] = InstallationId(found.id)
        return self._installations[target.name]

    def _fresh(self, installation: InstallationId, target: Target) -> str:
        token = self._tokens.get(installation)
        if token is None or token.expires_at - RENEW_BEFORE <= self._now():
            made = self._ask(
                lambda: self._integration.get_access_token(installation),
                f"token of the App for {target.name}",
            )
            token = _Token(text=made.token, expires_at=made.expires_at)
            self._tokens[installation] = token
        return token.text

    def _ask(self, call: Callable[[], T], what: str) -> T:
        try:
            return call()
        except GithubException as error:
            reply = Reply(
                status=error.status,
                headers=error.headers or {},
                text=msgspec.json.encode(error.data).decode(),
            )
            raise failure(reply, what=what, now=self._now()) from error
        except OSError as error:  # what the HTTP library raises for lost connections
            msg = f"GitHub can't be reached: {type(error).__name__}"
            raise TransientError(msg) from error
