"""HTTP around the routes: tokens, bodies, rate limits, faults, and who looks on."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from aiohttp import BodyPartReader, web

from bot.standins.discord.bodies import Upload
from bot.standins.discord.calls import Call, Reply, Route
from bot.standins.discord.changes import Changes
from bot.standins.discord.faults import Cut, Faults
from bot.standins.discord.limits import RateLimits
from bot.standins.discord.refusal import Code, RefusalError
from bot.standins.discord.routes import ROUTES
from bot.standins.discord.world import World

PREFIX: Final = "/api/v10"
JSON_TYPE: Final = "application/json"  # exactly so; a charset would be another answer
PLACES: Final = ("channel", "guild", "application", "token")
VIA: Final = "1.1 google"  # what tells Discord's own 429 from that of the shield before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer, as an onlooker sees them; paths are without the prefix."""

    method: str
    path: str
    query: Mapping[str, str]
    request: Any
    status: int
    answer: Any
    files: Mapping[str, Upload] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Body:
    """A request's JSON and files."""

    json: Any = None
    files: Mapping[str, Upload] = field(default_factory=dict)


class Rest:
    """The REST side of one stand-in."""

    def __init__(self, world: World, changes: Changes, limits: RateLimits, faults: Faults) -> None:
        self._world = world
        self._changes = changes
        self._limits = limits
        self._faults = faults
        self.observers: list[Callable[[Exchange], None]] = []

    def add_to(self, app: web.Application) -> None:
        """Serve every route, and refuse the rest as Discord does."""
        for route in ROUTES:
            app.router.add_route(route.method, PREFIX + route.path, self._endpoint(route))
        app.router.add_get("/attachments/{channel}/{attachment}/{name}", self._attachment)
        app.router.add_route("*", "/{anything:.*}", self._nowhere)

    def _endpoint(self, route: Route) -> Callable[[web.Request], Any]:
        async def serve(request: web.Request) -> web.Response:
            return await self._serve(route, request)

        return serve

    async def _serve(self, route: Route, request: web.Request) -> web.Response:
        path = request.path.removeprefix(PREFIX)
        fault = self._faults.take(request.method, path)
        if self._faults.down:
            return _answer(Reply(503, {"message": "upstream connect error", "code": 0}))
        if fault is not None:
            await asyncio.sleep(fault.wait.total_seconds())
            if fault.status is not None:
                return _answer(Reply(fault.status, {"message": "fault", "code": 0}))
            if fault.cut is Cut.BEFORE:
                return _cut(request)
        place = "/".join(request.match_info[name] for name in PLACES if name in request.match_info)
        limited = self._limits.take(route.name, place, counts_globally=route.with_bot_token)
        if not limited.passed:
            headers = limited.headers | {"Via": VIA}
            return self._seen(request, Body(), Reply(429, limited.body), headers)
        body = Body()
        try:
            body = await _read(request)
            reply = self._carry_out(route, request, body)
        except RefusalError as refusal:
            reply = Reply(refusal.code.status, refusal.body())
        self._changes.notify()
        response = self._seen(request, body, reply, limited.headers | {"Via": VIA})
        return _cut(request) if fault is not None and fault.cut is Cut.AFTER else response

    def _carry_out(self, route: Route, request: web.Request, body: Body) -> Reply:
        if route.with_bot_token:
            self._need_token(request)
        call = Call(
            world=self._world,
            path=request.match_info,
            query=request.query,
            json=body.json,
            files=body.files,
        )
        return route.handler(call)

    def _need_token(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bot {self._world.application.token}":
            raise RefusalError(Code.UNAUTHORIZED)
        if not request.headers.get("User-Agent", "").startswith("DiscordBot ("):
            raise RefusalError(Code.CLOUDFLARE_BLOCKED)

    def _seen(
        self, request: web.Request, body: Body, reply: Reply, headers: Mapping[str, str]
    ) -> web.Response:
        exchange = Exchange(
            method=request.method,
            path=request.path.removeprefix(PREFIX),
            query=dict(request.query),
            request=body.json,
            status=reply.status,
            answer=reply.json,
            files=body.files,
            headers=dict(request.headers),
        )
        for observer in self.observers:
            observer(exchange)
        return _answer(reply, headers)

    async def _attachment(self, request: web.Request) -> web.Response:
        wanted = request.match_info["attachment"]
        histories = [
            *(c.messages for g in self._world.guilds.values() for c in g.channels.values()),
            list(self._world.private.values()),
        ]
        for message in (each for history in histories for each in history):
            for attachment in message.attachments:
                if str(attachment.id) == wanted:
                    kind = attachment.content_type
                    return web.Response(body=attachment.data, content_type=kind)
        raise web.HTTPNotFound

    async def _nowhere(self, request: web.Request) -> web.Response:
        path = request.path.removeprefix(PREFIX)
        known = [r for r in ROUTES if _fits(r.path, path)]
        refusal = RefusalError(Code.METHOD_NOT_ALLOWED if known else Code.NOT_FOUND)
        return self._seen(request, Body(), Reply(refusal.code.status, refusal.body()), {})


def _fits(pattern: str, path: str) -> bool:
    parts, wanted = path.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(
        w.startswith("{") or w == p for w, p in zip(wanted, parts, strict=True)
    )


def _answer(reply: Reply, headers: Mapping[str, str] | None = None) -> web.Response:
    if reply.json is None:
        return web.Response(status=reply.status, headers=headers)
    typed = {**(headers or {}), "Content-Type": JSON_TYPE}
    return web.Response(status=reply.status, body=msgspec.json.encode(reply.json), headers=typed)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)  # goes nowhere


async def _read(request: web.Request) -> Body:
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request)
    raw = await request.read()
    return Body(_json(raw)) if raw else Body()


async def _read_multipart(request: web.Request) -> Body:
    json: Any = None
    files: dict[str, Upload] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read())
        name = part.name or ""
        if name == "payload_json":
            json = _json(data)
        elif name.startswith("files["):
            kind = part.headers.get("Content-Type", "application/octet-stream")
            upload = Upload(filename=part.filename or "unknown", content_type=kind, data=data)
            files[name[len("files[") : -1]] = upload
    return Body(json, files)


def _json(raw: bytes) -> Any:  # noqa: ANN401 - a stranger's JSON
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError as error:
        raise RefusalError(Code.INVALID_JSON) from error
