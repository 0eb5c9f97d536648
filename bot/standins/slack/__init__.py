"""Slack as a server on loopback: a model of the vendor that knows nothing of the bot."""

from bot.standins.slack.errors import CannotError
from bot.standins.slack.faults import Cut
from bot.standins.slack.ledger import Exchange
from bot.standins.slack.limits import BlockLimits, Limits
from bot.standins.slack.model import BOT_SCOPES, App, Channel, Message, User, UserGroup, View
from bot.standins.slack.seen import Seen
from bot.standins.slack.server import SlackServer
from bot.standins.slack.workspace import Workspace

__all__ = [
    "BOT_SCOPES",
    "App",
    "BlockLimits",
    "CannotError",
    "Channel",
    "Cut",
    "Exchange",
    "Limits",
    "Message",
    "Seen",
    "SlackServer",
    "User",
    "UserGroup",
    "View",
    "Workspace",
]
