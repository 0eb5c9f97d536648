"""The HTTP side of the API: lets a request in or refuses it, and dresses the answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import secrets
from functools import partial
from typing import TYPE_CHECKING, Final

from aiohttp import web

from bot.standins.github.call import Answer, Call
from bot.standins.github.exchange import Exchange
from bot.standins.github.refusal import RefusalError, not_found
from bot.standins.github.routes import ROUTES
from bot.standins.github.views.urls import Urls

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from bot.standins.github.budgets import Budgets
    from bot.standins.github.call import Route
    from bot.standins.github.callers import Caller
    from bot.standins.github.faults import Faults
    from bot.standins.github.hub import Hub
    from bot.standins.github.outbox import Outbox
    from bot.standins.github.repository import Repository
    from bot.standins.github.storage import LogStorage
    from bot.standins.github.views.urls import Json

BY_NAME: Final = "/repos/{owner}/{repo}"
BY_ID: Final = "/repositories/{repository_id}"
FREE: Final = "/rate_limit"  # asking what is left costs nothing
NO_AGENT: Final = (
    "Request forbidden by administrative rules. Please make sure your request has a User-Agent "
    "header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-"
    "required). Check https://developer.github.com for other possible causes."
)
JSON_HEADERS: Final = {
    "Content-Type": "application/json; charset=utf-8",
    "Server": "github.com",
    "X-GitHub-Media-Type": "github.v3; format=json",
    "X-GitHub-Api-Version-Selected": "2022-11-28",
}


class Api:
    """Serves the routes over one model."""

    def __init__(  # noqa: PLR0913 - all keyword-only; the one place where the parts meet
        self,
        *,
        hub: Hub,
        outbox: Outbox,
        budgets: Budgets,
        storage: LogStorage,
        faults: Faults,
        web_url: str,
    ) -> None:
        self._hub = hub
        self._outbox = outbox
        self._budgets = budgets
        self._storage = storage
        self._faults = faults
        self._web_url = web_url
        self.watchers: list[Callable[[Exchange], None]] = []

    def application(self) -> web.Application:
        app = web.Application()
        for route in ROUTES:
            serve = partial(self._serve, route)
            app.router.add_route(route.method, route.path, serve)
            if route.path.startswith(BY_NAME):
                path = route.path.replace(BY_NAME, BY_ID, 1)
                app.router.add_route(route.method, path, serve)
        app.router.add_route("*", "/{path:.*}", partial(self._serve, None))
        return app

    async def _serve(self, route: Route | None, request: web.Request) -> web.Response:
        body = await request.read()
        fault = self._faults.next_for(request.method, request.path)
        if fault.cut == "before":
            return _cut(request)
        if fault.status:
            error = RefusalError(fault.status, fault.message, headers=fault.headers)
            response = _refuse(error)
        else:
            response = await self._admit(route, request, body, fault.delay)
        response.headers["X-GitHub-Request-Id"] = secrets.token_hex(12).upper()
        self._tell(route, request, body, response)
        return _cut(request) if fault.cut == "after" else response

    async def _admit(
        self, route: Route | None, request: web.Request, body: bytes, delay: timedelta
    ) -> web.Response:
        """Check manners, token and limits; then answer."""
        if "User-Agent" not in request.headers:
            return web.Response(status=403, text=NO_AGENT)
        try:
            caller = self._hub.tokens.caller(request.headers.get("Authorization"))
        except RefusalError as error:
            return _refuse(error)
        if request.path == FREE:
            response = self._answer(route, request, body, caller)
        else:
            response = await self._metered(route, request, body, caller, delay)
        response.headers.update(self._budgets.headers(caller.budget))
        if caller.scopes is not None:
            response.headers["X-OAuth-Scopes"] = ", ".join(caller.scopes)
        return response

    async def _metered(
        self,
        route: Route | None,
        request: web.Request,
        body: bytes,
        caller: Caller,
        delay: timedelta,
    ) -> web.Response:
        try:
            self._budgets.enter(caller.budget, request.method)
        except RefusalError as error:
            return _refuse(error)
        await asyncio.sleep(delay.total_seconds())
        response = self._answer(route, request, body, caller)
        self._budgets.leave(caller.budget, free=response.status == 304)  # noqa: PLR2004 - Not Modified
        return response

    def _answer(
        self, route: Route | None, request: web.Request, body: bytes, caller: Caller
    ) -> web.Response:
        try:
            if route is None:
                raise not_found()
            place = self._place(request, caller)
            if place and moved(request, place):
                return _moved(request, place)
            if place and route.need:
                caller.check(place, route.need)
            call = Call(
                hub=self._hub,
                outbox=self._outbox,
                budgets=self._budgets,
                storage=self._storage,
                urls=Urls(_host(request), self._web_url),
                caller=caller,
                path=request.path,
                parts=request.match_info,
                query=request.query,
                body=_read(body),
                place=place,
            )
            answer = route.answer(call)
        except RefusalError as error:
            return _refuse(error)
        self._hub.acts[f"{route.method} {shown(route)}", 0] += 1
        return _dress(answer, request)

    def _place(self, request: web.Request, caller: Caller) -> Repository | None:
        """Find the repository that the path names, as far as the caller can see."""
        parts = request.match_info
        if "repository_id" in parts:
            number = parts["repository_id"]
            found = self._hub.find_by_id(int(number) if number.isdecimal() else 0)
        elif "repo" in parts:
            found = self._hub.find(f"{parts['owner']}/{parts['repo']}")
        else:
            return None
        if not caller.sees(found):
            raise not_found()
        return found

    def _tell(
        self, route: Route | None, request: web.Request, body: bytes, response: web.Response
    ) -> None:
        exchange = Exchange(
            method=request.method,
            path=request.path,
            route=shown(route) if route else None,
            parts=dict(request.match_info),
            query=dict(request.query),
            request_headers=dict(request.headers),
            request_body=body,
            status=response.status,
            headers=dict(response.headers),
            body=response.body if isinstance(response.body, bytes) else b"",
        )
        for watcher in self.watchers:
            watcher(exchange)


def shown(route: Route) -> str:
    """Return the path as GitHub's description writes it."""
    return re.sub(r"\{(\w+):[^}]*\}", r"{\1}", route.path)


def moved(request: web.Request, place: Repository) -> bool:
    """Say whether the path has an old name of the repository."""
    parts = request.match_info
    return "repo" in parts and f"{parts['owner']}/{parts['repo']}".lower() in place.old_names


def _moved(request: web.Request, place: Repository) -> web.Response:
    tail = request.raw_path.split("/", 4)[4:]
    url = "/".join([f"{_host(request)}/repositories/{place.id}", *tail])
    body = {
        "message": "Moved Permanently",
        "url": url,
        "documentation_url": "https://docs.github.com/rest",
    }
    return _dress(Answer(status=301, body=body, headers={"Location": url}), request)


def _host(request: web.Request) -> str:
    return f"http://{request.host}"


def _read(body: bytes) -> Json:
    if not body.strip():
        return {}
    try:
        read = json.loads(body)
    except ValueError as error:
        raise RefusalError(400, "Problems parsing JSON") from error
    if read is None:
        return {}
    if not isinstance(read, dict):
        raise RefusalError(400, "Body should be a JSON object")
    return read


def _dress(answer: Answer, request: web.Request) -> web.Response:
    headers = {**answer.headers}
    if answer.body is None:
        return web.Response(status=answer.status, headers=headers)
    text = json.dumps(answer.body, separators=(",", ":"), ensure_ascii=False).encode()
    headers |= JSON_HEADERS
    if request.method == "GET" and answer.status == 200:  # noqa: PLR2004 - only what was found can be cached
        headers["ETag"] = f'W/"{hashlib.sha256(text).hexdigest()}"'
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers={"ETag": headers["ETag"]})
    return web.Response(status=answer.status, body=text, headers=headers)


def _refuse(error: RefusalError) -> web.Response:
    body = json.dumps(error.body()).encode()
    return web.Response(status=error.status, body=body, headers={**JSON_HEADERS, **error.headers})


def _cut(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)
