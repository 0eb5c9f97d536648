"""Discord on loopback: a model of the vendor that knows nothing of the bot."""

from bot.standins.discord.faults import Cut
from bot.standins.discord.model import Channel, Guild, Intent, Message, Pings, Role, Thread, User
from bot.standins.discord.permissions import Permission
from bot.standins.discord.refusal import RefusalError
from bot.standins.discord.rest import Exchange
from bot.standins.discord.rules import Bucket, Rules
from bot.standins.discord.seen import Seen
from bot.standins.discord.server import DiscordServer
from bot.standins.discord.typed import CannotError

__all__ = [
    "Bucket",
    "CannotError",
    "Channel",
    "Cut",
    "DiscordServer",
    "Exchange",
    "Guild",
    "Intent",
    "Message",
    "Permission",
    "Pings",
    "RefusalError",
    "Role",
    "Rules",
    "Seen",
    "Thread",
    "User",
]
