"""What handlers may call."""

from dataclasses import dataclass

from bot.ports.clock import Clock
from bot.services.access import Access
from bot.services.hearing import Hearing
from bot.services.incidents import Incidents
from bot.services.logs import Logs
from bot.services.retries import Retries
from bot.services.status import Status
from bot.services.triage import Triage
from bot.services.unfolding import Unfolding


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    access: Access
    hearing: Hearing
    incidents: Incidents
    logs: Logs
    retries: Retries
    status: Status
    triage: Triage
    unfolding: Unfolding
    clock: Clock
