"""Buttons of a digest: what it holds back gets its own cards, all or the newest."""

from typing import Final

from bot.domain.press import Press
from bot.messages.digest import NEWEST, unfolded
from bot.messages.views import Answer
from handlers.interactions import target_of
from handlers.services import Services

BUTTONS: Final = {"unfold_all": None, "unfold_newest": NEWEST}


async def handle(press: Press, services: Services) -> Answer:
    shown = await services.unfolding.unfold(
        target_of(press).incident, press.place, most=BUTTONS[press.name]
    )
    return unfolded(shown)
