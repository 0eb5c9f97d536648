"""Gateway sessions: what each may hear, and what it must hear again after a gap."""

import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.standins.discord.model import Intent
from bot.standins.discord.permissions import Permission
from bot.standins.discord.refusal import Json
from bot.standins.discord.wire import guild_create_json, own_user_json
from bot.standins.discord.world import Event, World

DISPATCH: Final = 0
HIDDEN_WITHOUT_CONTENT_INTENT: Final[Json] = {
    "content": "",
    "embeds": [],
    "components": [],
    "attachments": [],
}


@dataclass(slots=True, eq=False)
class Session:
    """One identified client; it outlives its connection for a while."""

    intents: Intent
    buffer: deque[Json]
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    seq: int = 0
    deliver: Callable[[Json], None] | None = None
    """How to reach the client now; None while it is away."""
    left: float | None = None

    def dispatch(self, name: str, data: Json) -> None:
        """Number an event, keep it for a replay, and deliver it if the client is there."""
        self.seq += 1
        frame = {"op": DISPATCH, "s": self.seq, "t": name, "d": data}
        self.buffer.append(frame)
        if self.deliver is not None:
            self.deliver(frame)

    def can_replay(self, after: int) -> bool:
        """Say whether nothing that came after *after* has been forgotten."""
        oldest = self.buffer[0]["s"] if self.buffer else self.seq + 1
        return bool(oldest - 1 <= after <= self.seq)

    def replay(self, after: int) -> None:
        """Deliver again what the client has missed, then tell it that this was all."""
        if self.deliver is not None:
            for frame in [each for each in self.buffer if each["s"] > after]:
                self.deliver(frame)
        self.dispatch("RESUMED", {})


class Sessions:
    """All sessions of the bot; events go to each of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.all: dict[str, Session] = {}
        self.identified = 0
        self.resumed = 0

    def identify(self, intents: Intent, deliver: Callable[[Json], None]) -> Session:
        """Start a session and tell it where it is."""
        session = Session(intents, deque(maxlen=self._world.rules.replayed_events))
        session.deliver = deliver
        self.all[session.id] = session
        self.identified += 1
        self._greet(session)
        return session

    def _greet(self, session: Session) -> None:
        world = self._world
        bot = world.application.bot
        guilds = [guild for guild in world.guilds.values() if bot.id in guild.members]
        ready = {
            "v": 10,
            "user": own_user_json(bot),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": world.base_url.replace("http", "ws", 1) + "/gateway",
            "application": {"id": str(world.application.id), "flags": 0},
        }
        session.dispatch("READY", ready)
        if Intent.GUILDS not in session.intents:
            return
        for guild in guilds:
            seen = [
                channel
                for channel in guild.channels.values()
                if Permission.VIEW_CHANNEL in world.granted(channel, bot)
            ]
            data = guild_create_json(guild, seen=seen, bot=guild.members[bot.id])
            session.dispatch("GUILD_CREATE", data)

    def resume(
        self, session_id: str, after: int, deliver: Callable[[Json], None]
    ) -> Session | None:
        """Go on with a session, or return None where it can't be."""
        session = self.all.get(session_id)
        if session is None or not session.can_replay(after) or self._expired(session):
            return None
        session.deliver = deliver
        session.left = None
        self.resumed += 1
        session.replay(after)
        return session

    def _expired(self, session: Session) -> bool:
        window = self._world.rules.resume_window.total_seconds()
        return session.left is not None and self._world.clock() - session.left > window

    def leave(self, session: Session, deliver: Callable[[Json], None]) -> None:
        """Note that the client's connection is gone, unless it already has a newer one."""
        if session.deliver is deliver:
            session.deliver = None
            session.left = self._world.clock()

    def end(self, session: Session) -> None:
        """Forget a session."""
        self.all.pop(session.id, None)

    def hear(self, event: Event) -> None:
        """Pass an event to every session that asked for it, if the bot may see the place."""
        world = self._world
        if event.channel is not None:
            granted = world.granted(event.channel, world.application.bot)
            if Permission.VIEW_CHANNEL not in granted:
                return
        for session in list(self.all.values()):
            if event.needs in session.intents:
                session.dispatch(event.name, self._shown(session, event))

    def _shown(self, session: Session, event: Event) -> Json:
        message = event.message
        bot = self._world.application.bot
        open_to_read = (
            message is None
            or Intent.MESSAGE_CONTENT in session.intents
            or message.author is bot
            or bot.id in message.mentions.users
        )
        return event.data if open_to_read else event.data | HIDDEN_WITHOUT_CONTENT_INTENT
