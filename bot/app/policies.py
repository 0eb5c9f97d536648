"""From settings to what the services know of them; no settings object goes further down."""

from bot.app.assembly import Policies
from bot.config.settings import Settings
from bot.services.access import AccessRules


def policies_of(settings: Settings) -> Policies:
    return Policies(
        rules=AccessRules(
            subscriptions=settings.hearing(),
            grants=tuple(one.policy() for one in settings.access),
            people=tuple(one.policy() for one in settings.people),
        ),
        retry=settings.retry.policy(),
        own_rules=settings.diagnosis.rules,
    )
