"""Socket Mode: up to ten WebSockets; each envelope goes to one and is acknowledged there."""

import asyncio
import secrets
from itertools import count

from aiohttp import WSMsgType, web

from bot.standins.slack.delivery import Kind
from bot.standins.slack.errors import UndeliveredError
from bot.standins.slack.limits import Limits
from bot.standins.slack.model import Json

ANSWERED = frozenset({"view_submission", "block_suggestion"})


class Sockets:
    def __init__(self, app_id: str, limits: Limits) -> None:
        self._app_id = app_id
        self._limits = limits
        self._tickets: set[str] = set()
        self._open: dict[web.WebSocketResponse, asyncio.Transport | None] = {}
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._turn = count()

    @property
    def connections(self) -> int:
        return len(self._open)

    def new_ticket(self) -> str:
        """Return what opens one connection."""
        ticket = secrets.token_urlsafe(18)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401)
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse(heartbeat=self._limits.ping_every.total_seconds())
        await socket.prepare(request)
        if len(self._open) >= self._limits.sockets:
            await self._dismiss(socket, "too_many_websockets")
            return socket
        self._open[socket] = request.transport
        try:
            await socket.send_json(self._hello())
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._take(message.json())
        finally:
            self._open.pop(socket, None)
        return socket

    async def send(self, kind: Kind, payload: Json, *, retry: int = 0, reason: str = "") -> Json:
        if not self._open:
            code = "dispatch_failed"
            raise UndeliveredError(code)
        envelope = {
            "envelope_id": secrets.token_hex(16),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind is Kind.COMMAND or payload.get("type") in ANSWERED,
        }
        if kind is Kind.EVENT:
            envelope |= {"retry_attempt": retry, "retry_reason": reason}
        return await self._exchange(envelope)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app to leave, as Slack does every hour or so, and hang up."""
        leaving, self._open = self._open, {}
        for socket in leaving:
            await self._dismiss(socket, reason)

    async def warn(self) -> None:
        """Say that a disconnect is near; the connections stay."""
        for socket in self._open:
            await socket.send_json(self._farewell("warning"))

    def drop(self) -> None:
        """Cut every connection without a word."""
        leaving, self._open = self._open, {}
        for transport in leaving.values():
            if transport:
                transport.abort()

    async def _exchange(self, envelope: Json) -> Json:
        socket = list(self._open)[next(self._turn) % len(self._open)]
        name = envelope["envelope_id"]
        acknowledged = asyncio.get_running_loop().create_future()
        self._waiting[name] = acknowledged
        try:
            async with asyncio.timeout(self._limits.ack_within.total_seconds()):
                await socket.send_json(envelope)
                answer: Json = await acknowledged
        except (TimeoutError, ConnectionError) as error:
            code = "operation_timeout"
            raise UndeliveredError(code) from error
        finally:
            del self._waiting[name]
        return answer if envelope["accepts_response_payload"] else {}

    def _take(self, answer: Json) -> None:
        """Match an acknowledgement with its envelope; one that comes late is for nobody."""
        waiting = self._waiting.get(str(answer.get("envelope_id")))
        if waiting and not waiting.done():
            waiting.set_result(answer.get("payload") or {})

    async def _dismiss(self, socket: web.WebSocketResponse, reason: str) -> None:
        await socket.send_json(self._farewell(reason))
        await socket.close()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "debug_info": {"host": "stand-in", "approximate_connection_time": 3600},
            "connection_info": {"app_id": self._app_id},
        }

    def _farewell(self, reason: str) -> Json:
        return {"type": "disconnect", "reason": reason, "debug_info": {"host": "stand-in"}}
