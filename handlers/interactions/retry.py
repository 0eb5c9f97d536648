"""Buttons that re-run: the failed jobs, all jobs, with debug logging, and "yes, all the same"."""

from typing import Final

from bot.domain.asking import Ask, Confirmed
from bot.domain.press import Press
from bot.domain.retry import Scope
from bot.messages.retrying import retry_answer
from bot.messages.views import Answer
from handlers.interactions import target_of
from handlers.services import Services

ACTIONS: Final = {
    "retry": (Scope.FAILED, False),
    "retry_all": (Scope.ALL, False),
    "retry_debug": (Scope.FAILED, True),
}
BUTTONS: Final = {
    action + confirmed: (action, confirmed) for action in ACTIONS for confirmed in Confirmed
}


async def handle(press: Press, services: Services) -> Answer:
    action, confirmed = BUTTONS[press.name]
    scope, debug = ACTIONS[action]
    ask = Ask(target=target_of(press), by=press.by, scope=scope, debug=debug, confirmed=confirmed)
    return retry_answer(await services.retries.ask(ask), action=action)
