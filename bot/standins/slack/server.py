"""The stand-in itself: one address on loopback for the Web API, sockets and uploads."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.standins.slack.control import ControlSide
from bot.standins.slack.dispatch import Dispatch
from bot.standins.slack.errors import SlackError
from bot.standins.slack.faults import Cut, Fault, Faults
from bot.standins.slack.http_mode import HttpMode
from bot.standins.slack.ledger import Exchange, Ledger, Observer
from bot.standins.slack.limits import Limits
from bot.standins.slack.payloads import Payloads
from bot.standins.slack.rates import Rates
from bot.standins.slack.replies import parsed, reply
from bot.standins.slack.sockets import Sockets
from bot.standins.slack.web_api import WebApi
from bot.standins.slack.workspace import Workspace

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class SlackServer(ControlSide):
    """Slack on 127.0.0.1; Socket Mode until `use_http` names an address."""

    def __init__(
        self, workspace: Workspace, *, limits: Limits | None = None, port: int = 0
    ) -> None:
        limits = limits or Limits()
        self.ledger = Ledger()
        self.faults = Faults()
        self.sockets = Sockets(workspace.app.id, limits)
        super().__init__(workspace, limits, Dispatch(self.sockets, self.ledger, limits))
        self.down = False
        """Every request is refused with 503; open sockets stay until `sockets.drop()`."""
        self.unreachable = False
        """Every connection is cut before anything happens."""
        self._port = port
        self._api = WebApi(
            workspace=workspace,
            limits=limits,
            interactions=self.interactions,
            ledger=self.ledger,
            rates=Rates(workspace.clock),
            sockets=self.sockets,
        )
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(
            middlewares=[self._trouble], client_max_size=self.limits.file_bytes + 1024
        )
        app.router.add_route("*", "/api/{method}", self._api.serve)
        app.router.add_get("/link/", self.sockets.serve)
        app.router.add_post("/upload/v1/{file}", self._upload)
        app.router.add_post("/{kind:actions|commands}/{team}/{key}", self._respond)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = self._api.base_url = f"http://{host}:{port}"
        self.payloads = Payloads(self.workspace, self.url)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.dispatch.close()
        self.sockets.drop()
        if self._runner:
            await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        """Return the address that clients take as `base_url`."""
        return f"{self.url}/api/"

    async def use_http(self, url: str) -> None:
        """Send everything to *url* from now on, once it has echoed the challenge."""
        app = self.workspace.app
        mode = HttpMode(url, app.signing_secret, self.limits)
        await mode.verify(app.verification_token)
        self.dispatch.carrier = mode

    def observe(self, observer: Observer) -> None:
        """Call *observer* with each exchange from now on."""
        self.ledger.observe(observer)

    def count(self, method: str, *, channel: str | None = None, ts: str | None = None) -> int:
        """Count what was done: successful calls of *method*, in a channel, on a message."""
        return self.ledger.count(method, channel=channel, ts=ts)

    def revoke(self, token: str) -> None:
        self._api.revoked.add(token)

    def fail_next(
        self,
        method: str,
        path_pattern: str,
        *,
        status: int = 503,
        times: int = 1,
        retry_after: timedelta | None = None,
    ) -> None:
        """Answer the next requests with *status*; nothing is done."""
        fault = Fault(
            method=method,
            path_pattern=path_pattern,
            status=status,
            times=times,
            retry_after=retry_after,
        )
        self.faults.add(fault)

    def refuse_next(self, path_pattern: str, error: str, *, times: int = 1) -> None:
        """Answer the next requests with status 200 and *error*."""
        self.faults.add(Fault(method="*", path_pattern=path_pattern, error=error, times=times))

    def cut_next(self, path_pattern: str, cut: Cut, *, times: int = 1) -> None:
        """Break the connection of the next requests, before or after they took effect."""
        self.faults.add(Fault(method="*", path_pattern=path_pattern, cut=cut, times=times))

    def delay_next(self, path_pattern: str, delay: timedelta, *, times: int = 1) -> None:
        """Do what the next requests ask at once, but answer late."""
        self.faults.add(Fault(method="*", path_pattern=path_pattern, delay=delay, times=times))

    @web.middleware
    async def _trouble(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        fault = self.faults.take(request.method, request.path)
        if self.unreachable or (fault and fault.cut is Cut.BEFORE):
            return _hang_up(request)
        if self.down:
            return web.Response(status=503)
        if fault and (fault.status != web.HTTPOk.status_code or fault.error):
            return _refusal(fault)
        response = await handler(request)
        self.changes.fire()
        if fault:
            await asyncio.sleep(fault.delay.total_seconds())
        return _hang_up(request) if fault and fault.cut is Cut.AFTER else response

    async def _upload(self, request: web.Request) -> web.Response:
        file = self.workspace.files.get(request.match_info["file"])
        if file is None or file.content is not None:
            return web.Response(status=404)
        file.content = await _uploaded(request)
        file.length = len(file.content)
        return web.Response(text=f"OK - {file.length}")

    async def _respond(self, request: web.Request) -> web.Response:
        body: dict[str, object] = {}
        status = 200
        answer: dict[str, object] = {"ok": True}
        try:
            body = parsed(await request.text())
            interaction = self.interactions.use_url(request.match_info["key"])
            reply(self.workspace, interaction, body, self.limits)
        except SlackError as refusal:
            gone = refusal.code in {"used_url", "expired_url", "invalid_url"}
            status, answer = 404 if gone else 400, refusal.body()
        exchange = Exchange(name="response_url", request=body, status=status, answer=answer)
        self.ledger.note(exchange)
        return web.json_response(answer, status=status)


async def _uploaded(request: web.Request) -> bytes:
    """Return the bytes of an upload, sent raw or as the one part of a form."""
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    form = await request.post()
    part = next(iter(form.values()))
    return part.file.read() if isinstance(part, web.FileField) else str(part).encode()


def _hang_up(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response(status=500)


def _refusal(fault: Fault) -> web.Response:
    if fault.error:
        return web.json_response({"ok": False, "error": fault.error})
    seconds = fault.retry_after.total_seconds() if fault.retry_after else 0
    headers = {"Retry-After": str(int(seconds))} if fault.retry_after else {}
    body = {"ok": False, "error": "ratelimited"} if fault.status == 429 else {}  # noqa: PLR2004 - HTTP's own number
    return web.json_response(body, status=fault.status, headers=headers)
