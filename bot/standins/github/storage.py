"""The host that keeps the logs: links good for a minute, and no credentials wanted."""

from __future__ import annotations

import io
import secrets
import zipfile
from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    from bot.standins.github.faults import Faults
    from bot.standins.github.jobs import Job
    from bot.standins.github.world import World

BLOCK: Final = 65_536
ERROR: Final = (
    '<?xml version="1.0" encoding="utf-8"?><Error><Code>{}</Code><Message>{}</Message></Error>'
)


class LogStorage:
    """Logs under secret addresses."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._kept: dict[str, tuple[float, str, bytes]] = {}
        self.url = ""

    def link(self, log: bytes, kind: str = "text/plain; charset=utf-8") -> str:
        """Return an address that shows these bytes for a minute."""
        name = secrets.token_urlsafe(24)
        until = self._world.clock() + self._world.limits.log_link_life.total_seconds()
        self._kept[name] = (until, kind, log)
        return f"{self.url}/logs/{name}?sig={secrets.token_urlsafe(16)}"

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/logs/{name}", self._serve)
        return app

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if "Authorization" in request.headers:
            return _refuse(401, "InvalidAuthenticationInfo", "The header is not wanted here.")
        fault = self._faults.next_for(request.method, request.path)
        if fault.cut == "before" and request.transport:
            request.transport.abort()
        if fault.status:
            return _refuse(fault.status, "ServerBusy", fault.message)
        until, kind, log = self._kept.get(request.match_info["name"], (0.0, "", b""))
        if until <= self._world.clock():
            return _refuse(403, "AuthenticationFailed", "Signature not valid in this time frame.")
        response = web.StreamResponse(headers={"Content-Type": kind, "X-Ms-Blob-Type": "BlockBlob"})
        response.content_length = len(log)
        await response.prepare(request)
        for start in range(0, len(log), BLOCK):
            await response.write(log[start : start + BLOCK])
            if fault.cut == "after" and request.transport:
                request.transport.abort()
                break
        return response


def archive(jobs: list[tuple[Job, bytes]]) -> bytes:
    """Return the logs of a run as GitHub packs them."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as folder:
        for number, (job, log) in enumerate(jobs):
            folder.writestr(f"{number}_{job.name.replace('/', '_')}.txt", log)
    return packed.getvalue()


def _refuse(status: int, code: str, message: str) -> web.Response:
    return web.Response(
        status=status, text=ERROR.format(code, message), content_type="application/xml"
    )
