"""The gateway's protocol over one WebSocket: HELLO, heartbeats, IDENTIFY, RESUME."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import msgspec
from aiohttp import WSMessage, WSMsgType, web

from bot.standins.discord.changes import Changes
from bot.standins.discord.compression import Pack, packer
from bot.standins.discord.model import Intent
from bot.standins.discord.refusal import Json
from bot.standins.discord.sessions import Session, Sessions
from bot.standins.discord.world import World


class Op(IntEnum):
    """Kinds of frames, in both directions."""

    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE = 4
    RESUME = 6
    RECONNECT = 7
    MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


UNKNOWN_OPCODE: Final = 4001
DECODE_ERROR: Final = 4002
NOT_AUTHENTICATED: Final = 4003
AUTHENTICATION_FAILED: Final = 4004
ALREADY_AUTHENTICATED: Final = 4005
TIMED_OUT: Final = 4009
INVALID_VERSION: Final = 4012
INVALID_INTENTS: Final = 4013
DISALLOWED_INTENTS: Final = 4014

EVERY_INTENT: Final = (1 << 26) - 1
PRIVILEGED: Final = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT


@dataclass(frozen=True, slots=True)
class Line:
    """What a connection speaks through: the socket, its compression, and how to be cut off."""

    socket: web.WebSocketResponse
    pack: Pack | None
    cut: Callable[[], None]


class Connection:
    """One client's socket; closing it leaves the session, which may be resumed."""

    def __init__(
        self,
        world: World,
        sessions: Sessions,
        changes: Changes,
        line: Line,
    ) -> None:
        self._world = world
        self._sessions = sessions
        self._changes = changes
        self._socket = line.socket
        self._pack = line.pack
        self.cut = line.cut
        self._frames: asyncio.Queue[Json] = asyncio.Queue()
        self._deliver = self._frames.put_nowait  # one object: sessions compare it
        self.session: Session | None = None

    def send(self, op: int, data: object = None) -> None:
        """Queue a frame that is no event."""
        self._deliver({"op": op, "d": data, "s": None, "t": None})

    async def close(self, code: int) -> None:
        """Close with one of Discord's codes."""
        await self._socket.close(code=code)

    async def run(self) -> None:
        """Serve the socket until it closes."""
        interval = self._world.rules.heartbeat
        self.send(Op.HELLO, {"heartbeat_interval": int(interval.total_seconds() * 1000)})
        writing = asyncio.create_task(self._write())
        try:
            await self._read(patience=interval.total_seconds() * 1.5)
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            if self.session is not None:
                self._sessions.leave(self.session, self._deliver)

    async def _write(self) -> None:
        while True:
            text = msgspec.json.encode(await self._frames.get())
            if self._pack is None:
                await self._socket.send_str(text.decode())
            else:
                await self._socket.send_bytes(self._pack(text))

    async def _read(self, *, patience: float) -> None:
        while not self._socket.closed:
            try:
                frame = await self._socket.receive(timeout=patience)
            except TimeoutError:
                await self.close(TIMED_OUT)
                return
            if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            code = self._take(frame)
            self._changes.notify()
            if code is not None:
                await self.close(code)
                return

    def _take(self, frame: WSMessage) -> int | None:
        """Handle one frame; return the code to close with, if it was wrong."""
        try:
            message = msgspec.json.decode(frame.data, type=Json)
            op, data = message["op"], message.get("d") or {}
        except (msgspec.DecodeError, KeyError):
            return DECODE_ERROR
        match op:
            case Op.HEARTBEAT:
                self.send(Op.HEARTBEAT_ACK)
                return None
            case Op.IDENTIFY:
                return self._identify(data)
            case Op.RESUME:
                return self._resume(data)
            case Op.PRESENCE | Op.VOICE | Op.MEMBERS:
                return None if self.session else NOT_AUTHENTICATED
            case _:
                return UNKNOWN_OPCODE

    def _identify(self, data: Json) -> int | None:
        if self.session is not None:
            return ALREADY_AUTHENTICATED
        if data.get("token") != self._world.application.token:
            return AUTHENTICATION_FAILED
        intents = data.get("intents")
        if not isinstance(intents, int) or intents & ~EVERY_INTENT:
            return INVALID_INTENTS
        asked = Intent(intents)
        if asked & PRIVILEGED & ~self._world.application.privileged:
            return DISALLOWED_INTENTS
        self.session = self._sessions.identify(asked, self._deliver)
        return None

    def _resume(self, data: Json) -> int | None:
        if self.session is not None:
            return ALREADY_AUTHENTICATED
        if data.get("token") != self._world.application.token:
            return AUTHENTICATION_FAILED
        self.session = self._sessions.resume(
            str(data.get("session_id")), int(data.get("seq") or 0), self._deliver
        )
        if self.session is None:
            self.send(Op.INVALID_SESSION, data=False)
        return None


class Gateway:
    """All open connections, and what an operator of Discord could do to them."""

    def __init__(self, world: World, changes: Changes) -> None:
        self._world = world
        self._changes = changes
        self.sessions = Sessions(world)
        self.connections: set[Connection] = set()
        self.compressions: list[str | None] = []
        world.hear = self.sessions.hear

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Accept one client."""
        socket = web.WebSocketResponse()
        compression = request.query.get("compress")
        try:
            pack = packer(compression)
        except KeyError:
            raise web.HTTPBadRequest from None
        await socket.prepare(request)
        if request.query.get("v") != "10" or request.query.get("encoding") != "json":
            await socket.close(code=INVALID_VERSION)
            return socket
        self.compressions.append(compression)
        line = Line(socket, pack, _abort(request))
        connection = Connection(self._world, self.sessions, self._changes, line)
        self.connections.add(connection)
        try:
            await connection.run()
        except ConnectionError:
            pass  # the client went away while we wrote
        finally:
            self.connections.discard(connection)
            self._changes.notify()
        return socket

    def drop(self) -> None:
        """Break every connection, as a network does; sessions can be resumed."""
        for connection in list(self.connections):
            connection.cut()

    def reconnect(self) -> None:
        """Ask every client to come back and resume."""
        for connection in self.connections:
            connection.send(Op.RECONNECT)

    def invalidate(self, *, resumable: bool = False) -> None:
        """Tell every client that its session is invalid."""
        for connection in self.connections:
            if connection.session is not None and not resumable:
                self.sessions.end(connection.session)
            connection.send(Op.INVALID_SESSION, data=resumable)

    async def close(self, code: int = 1001) -> None:
        """Close every connection with *code*."""
        for connection in list(self.connections):
            await connection.close(code)


def _abort(request: web.Request) -> Callable[[], None]:
    transport = request.transport
    return transport.abort if transport is not None else lambda: None
