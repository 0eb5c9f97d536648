"""Every kind of due row with the service that does it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.work import Due, DueKind
from bot.ports.purpose import Purpose, asking_for
from bot.services.cards import Cards
from bot.services.checking import Checking
from bot.services.diagnoses import Diagnoses
from bot.services.inbox import Inbox
from bot.services.incidents import Incidents
from bot.services.notices import Notices
from bot.services.polling import Polling
from bot.services.pruning import Pruning
from bot.services.reconciliation import Reconciliation
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
    notices: Notices
    checking: Checking
    reconciliation: Reconciliation
    polling: Polling
    pruning: Pruning


# What the questions of a kind are for; else they serve to understand a delivery.
PURPOSES: Final = {
    DueKind.PRESS: Purpose.PEOPLE,
    DueKind.RETRY: Purpose.PEOPLE,
    DueKind.DIAGNOSIS: Purpose.DIAGNOSIS,
    DueKind.CHECK: Purpose.RECONCILE,
    DueKind.RECONCILE: Purpose.RECONCILE,
    DueKind.POLL: Purpose.RECONCILE,
}


@dataclass(frozen=True, slots=True)
class Asking:
    """Does a row, and says to all below what its questions are for."""

    do: DoDue
    purpose: Purpose

    async def __call__(self, due: Due) -> datetime | None:
        with asking_for(self.purpose):
            return await self.do(due)


def build_due(workers: Workers) -> Mapping[DueKind, DoDue]:
    """Return what to call for each kind; the moment returned is when to call again."""
    services: Mapping[DueKind, DoDue] = {
        DueKind.DELIVERY: workers.inbox.open_delivery,
        DueKind.PRESS: workers.inbox.open_press,
        DueKind.REF: workers.triage.settle_ref,
        DueKind.DIAGNOSIS: workers.diagnoses.diagnose,
        DueKind.GREEN: workers.incidents.confirm_green,
        DueKind.GONE: workers.incidents.confirm_gone,
        DueKind.WATCH: workers.incidents.watch,
        DueKind.RETRY: workers.reruns.carry_out,
        DueKind.CARD: workers.cards.draw,
        DueKind.NOTICE: workers.notices.draw,
        DueKind.PRUNE: workers.pruning.prune,
        DueKind.CHECK: workers.checking.check,
        DueKind.RECONCILE: workers.reconciliation.reconcile,
        DueKind.POLL: workers.polling.poll,
    }
    return {kind: Asking(do, PURPOSES.get(kind, Purpose.TRIAGE)) for kind, do in services.items()}
