"""Tokens, and the caller each stands for."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

import jwt

from bot.standins.github.callers import (
    Anonymous,
    AppCaller,
    Caller,
    InstallationCaller,
    UserCaller,
)
from bot.standins.github.refusal import RefusalError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jwt.types import Options

    from bot.standins.github.apps import App, Installation
    from bot.standins.github.world import World

UNREADABLE: Final = "A JSON web token could not be decoded"
LATE: Final = (
    "'Expiration time' claim ('exp') must be a numeric value representing the future time at "
    "which the assertion expires"
)
FAR: Final = "'Expiration time' claim ('exp') is too far in the future"
EARLY: Final = (
    "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was "
    "issued"
)


class Tokens:
    """Every token that was given out."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._callers: dict[str, UserCaller | InstallationCaller] = {}
        self.apps: dict[int, App] = {}

    def classic(self, login: str, scopes: Sequence[str] = ("repo",)) -> str:
        """Give a person a classic token."""
        account = self._world.account(login)
        return self._keep(
            f"ghp_{secrets.token_hex(18)}", UserCaller(account=account, scopes=tuple(scopes))
        )

    def fine_grained(self, login: str, permissions: Mapping[str, str]) -> str:
        """Give a person a fine-grained token."""
        caller = UserCaller(account=self._world.account(login), permissions=dict(permissions))
        return self._keep(f"github_pat_{secrets.token_hex(41)}", caller)

    def of_installation(
        self,
        installation: Installation,
        *,
        permissions: Mapping[str, str],
        repositories: Sequence[int] | None,
    ) -> tuple[str, InstallationCaller]:
        """Make a token that lives an hour, long and dotted as the newest ones are."""
        caller = InstallationCaller(
            installation=installation,
            permissions=dict(permissions),
            repositories=None if repositories is None else tuple(repositories),
            expires_at=self._world.now() + self._world.limits.installation_token_life,
        )
        name = f"ghs_{installation.app.id}_{secrets.token_hex(40)}.{secrets.token_hex(80)}"
        return self._keep(name, caller), caller

    def revoke(self, token: str) -> None:
        self._callers.pop(token, None)

    def caller(self, authorization: str | None) -> Caller:
        """Return who sent this Authorization header.

        Raises:
            RefusalError: The token is unknown, expired, or a JWT that does not hold.
        """
        if authorization is None:
            return Anonymous()
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() not in {"bearer", "token"}:
            raise RefusalError(401, "Bad credentials")
        if token.startswith("ey"):
            return self._app(token)
        caller = self._callers.get(token)
        if isinstance(caller, InstallationCaller):
            self._refuse_dead(caller)
        if caller is None:
            raise RefusalError(401, "Bad credentials")
        return caller

    def _keep(self, token: str, caller: UserCaller | InstallationCaller) -> str:
        self._callers[token] = caller
        return token

    def _refuse_dead(self, caller: InstallationCaller) -> None:
        installation = caller.installation
        gone = installation not in installation.app.installations
        if gone or caller.expires_at <= self._world.now():
            raise RefusalError(401, "Bad credentials")
        if installation.suspended_at:
            raise RefusalError(403, "This installation has been suspended")

    def _app(self, token: str) -> AppCaller:
        try:
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
            app = self.apps.get(int(str(issuer)))
        except (jwt.InvalidTokenError, ValueError) as error:
            raise RefusalError(401, UNREADABLE) from error
        if app is None:
            raise RefusalError(404, "Integration not found")
        try:
            # The times are compared with the server's own clock below.
            options: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
            claims = jwt.decode(token, app.key.public_key(), algorithms=["RS256"], options=options)
        except jwt.InvalidTokenError as error:
            raise RefusalError(401, UNREADABLE) from error
        self._refuse_times(claims)
        return AppCaller(app=app)

    def _refuse_times(self, claims: Mapping[str, object]) -> None:
        now = self._world.clock()
        expires, issued = claims.get("exp"), claims.get("iat")
        if not isinstance(expires, int) or expires <= now:
            raise RefusalError(401, LATE)
        if expires > now + self._world.limits.app_token_life.total_seconds():
            raise RefusalError(401, FAR)
        if not isinstance(issued, int) or issued > now:
            raise RefusalError(401, EARLY)
