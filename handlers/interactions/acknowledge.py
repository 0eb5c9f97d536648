"""Button "Acknowledge": whoever presses it owns the incident."""

from bot.domain.press import Press
from bot.messages.answers import acknowledged
from bot.messages.views import Answer
from handlers.interactions import target_of
from handlers.services import Services


async def handle(press: Press, services: Services) -> Answer:
    incident = await services.incidents.acknowledge(
        target_of(press).incident, by=press.by, press=press.id
    )
    return acknowledged(incident)  # private words; the card follows from its own row
