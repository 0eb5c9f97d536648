"""GitHub as a server on loopback: repositories, Actions, webhooks, apps and their refusals."""

from bot.standins.github.exchange import Exchange
from bot.standins.github.hooks import Delivery, sign
from bot.standins.github.jobs import Annotation
from bot.standins.github.limits import Limits
from bot.standins.github.runs import Run
from bot.standins.github.server import GitHubServer

__all__ = ["Annotation", "Delivery", "Exchange", "GitHubServer", "Limits", "Run", "sign"]
