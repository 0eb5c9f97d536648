"""Menu entry "Resolve": a person says that it is over."""

from bot.domain.incident import Ending
from bot.domain.press import Press
from bot.messages.answers import already_ended, resolved
from bot.messages.views import Answer
from handlers.interactions import target_of
from handlers.services import Services


async def handle(press: Press, services: Services) -> Answer:
    incident = await services.incidents.resolve(
        target_of(press).incident, by=press.by, press=press.id
    )
    if incident.ended and incident.ending is not Ending.RESOLVED:
        return already_ended(incident)
    return resolved(incident)
