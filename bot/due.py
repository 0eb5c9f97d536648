"""Every kind of due row with the service that does it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.work import Due, DueKind
from bot.services.cards import Cards
from bot.services.diagnoses import Diagnoses
from bot.services.inbox import Inbox
from bot.services.incidents import Incidents
from bot.services.reruns import Reruns
from bot.services.triage import Triage

DoDue = Callable[[Due], Awaitable[datetime | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """The services that do due rows."""

    inbox: Inbox
    triage: Triage
    diagnoses: Diagnoses
    incidents: Incidents
    reruns: Reruns
    cards: Cards


def build_due(workers: Workers) -> Mapping[DueKind, DoDue]:
    """Return what to call for each kind; the moment returned is when to call again."""
    return {
        DueKind.DELIVERY: workers.inbox.open_delivery,
        DueKind.PRESS: workers.inbox.open_press,
        DueKind.REF: workers.triage.settle_ref,
        DueKind.DIAGNOSIS: workers.diagnoses.diagnose,
        DueKind.GREEN: workers.incidents.confirm_green,
        DueKind.GONE: workers.incidents.confirm_gone,
        DueKind.WATCH: workers.incidents.watch,
        DueKind.RETRY: workers.reruns.carry_out,
        DueKind.CARD: workers.cards.draw,
    }
