"""/build incidents: what is broken in the repositories of this channel."""

from bot.domain.press import Press
from bot.messages.answers import incident_list
from bot.messages.views import Answer
from bot.ports.commands import CommandSpec
from handlers.services import Services

SPEC = CommandSpec(name="incidents", description="What is broken now, and who has it")


async def handle(press: Press, services: Services) -> Answer:
    found = await services.status.incidents(press.place, press.by)
    return incident_list(
        [
            (incident, f"{repo.full_name} {incident.workflow} on {incident.lane.title}")
            for incident, repo in found
        ]
    )
