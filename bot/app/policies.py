"""From settings to what the services know of them; no settings object goes further down."""

from bot.app.assembly import Policies
from bot.config.settings import Settings
from bot.services.access import AccessRules


def policies_of(settings: Settings) -> Policies:
    return Policies(
        rules=AccessRules(
            subscriptions=settings.subscribed(),
            grants=tuple(one.policy() for one in settings.access),
            people=tuple(one.policy() for one in settings.people),
        ),
        retry=settings.retry.policy(),
        storm=settings.storm.policy(),
        hearing=settings.hearing(),
        retention=settings.retention.policy(),
        patience=settings.reliability.request_timeout,
        own_rules=settings.diagnosis.rules,
        heartbeat=settings.operator.heartbeat,
    )
