"""Discord's REST API, with discord.py's rate limits and our errors."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
import discord
from discord.http import HTTPClient, Route

from bot.adapters.discord.pace import Pace
from bot.adapters.discord.refusals import LOGIN_REFUSED, Attempt, explained
from bot.domain.errors import OperatorError, TransientError
from bot.messages.views import File
from bot.ports.clock import PATIENCE

Json = dict[str, Any]

SHARE: Final = 0.8  # of the time after which somebody looks whether the request has acted
LONGEST_WAIT: Final = timedelta(seconds=30)  # the least that discord.py takes for this


class Rest(AbstractAsyncContextManager["Rest"]):
    """One login, kept until closed; the gateway has its own and may be down meanwhile."""

    def __init__(
        self, *, token: str, pace: Pace | None = None, patience: timedelta = PATIENCE
    ) -> None:
        """Ask nothing yet.

        Args:
            patience: After it, an unanswered request must have acted or never will.
        """
        self._token = token
        self._pace = pace or Pace()
        self._within = SHARE * patience.total_seconds()
        self._http: HTTPClient | None = None
        self._login = asyncio.Lock()
        self.me = ""
        """The bot's own user id, known after the first request."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._http is not None:
            await self._http.close()

    async def request(
        self,
        route: Route,
        attempt: Attempt,
        *,
        body: Json | None = None,
        files: Sequence[File] = (),
        query: Json | None = None,
    ) -> Any:  # noqa: ANN401 - JSON, read where it is used
        """Send one request and return Discord's JSON.

        discord.py waits for rate limits, and repeats on 500, 502, 504 and 524, posts too:
        below our own record, so every post has to carry a nonce that Discord enforces, and
        all of it has to be over in time.

        Raises:
            NotFoundError: One of `attempt.gone`.
            OperatorError: With words for the operator.
            TransientError: Discord is down, slow, or wants us to wait for long.
        """
        sent: Json = {}
        if query is not None:
            sent["params"] = query
        if files:
            sent["form"] = _form(body or {}, files)
        elif body is not None:
            sent["json"] = body
        try:
            async with asyncio.timeout(self._within):
                http = await self._logged_in()
                if "/webhooks/" not in route.path:  # answers to presses are not counted
                    await self._pace.request()
                return await http.request(route, **sent)
        except discord.LoginFailure as error:
            raise OperatorError(LOGIN_REFUSED) from error
        except discord.HTTPException as error:
            raise explained(error, attempt) from error
        except discord.RateLimited as error:
            msg = f"Discord's rate limit: could not {attempt.what}"
            raise TransientError(msg, after=timedelta(seconds=error.retry_after)) from error
        except (OSError, aiohttp.ClientError) as error:
            msg = f"Discord can't be reached: could not {attempt.what}"
            raise TransientError(msg) from error

    async def _logged_in(self) -> HTTPClient:
        async with self._login:
            if self._http is None:
                self._http = await self._log_in()
            return self._http

    async def _log_in(self) -> HTTPClient:
        http = HTTPClient(
            asyncio.get_running_loop(), max_ratelimit_timeout=LONGEST_WAIT.total_seconds()
        )
        try:
            user = await http.static_login(self._token.strip())
        except BaseException:
            await http.close()
            raise
        self.me = str(user["id"])
        return http


def _form(body: Json, files: Sequence[File]) -> list[Json]:
    listed = [{"id": index, "filename": file.name} for index, file in enumerate(files)]
    parts: list[Json] = [
        {"name": "payload_json", "value": json.dumps(body | {"attachments": listed})}
    ]
    for index, file in enumerate(files):
        parts.append(
            {
                "name": f"files[{index}]",
                "value": file.body,
                "filename": file.name,
                "content_type": "application/octet-stream",
            }
        )
    return parts
