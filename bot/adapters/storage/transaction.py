"""All rows at once; a service names the few that it touches."""

from bot.adapters.storage.budgets import Budgets
from bot.adapters.storage.cards import Cards
from bot.adapters.storage.deliveries import Deliveries
from bot.adapters.storage.delivery_records import DeliveryRecords
from bot.adapters.storage.diagnoses import Diagnoses
from bot.adapters.storage.due import Dues
from bot.adapters.storage.hearing import Hearings
from bot.adapters.storage.incidents import Incidents
from bot.adapters.storage.jobs import Jobs
from bot.adapters.storage.lanes import Lanes
from bot.adapters.storage.leases import Leases
from bot.adapters.storage.notices import Notices
from bot.adapters.storage.overview import Overviews
from bot.adapters.storage.presses import Presses
from bot.adapters.storage.processes import Processes
from bot.adapters.storage.pruning import Pruning
from bot.adapters.storage.refs import Refs
from bot.adapters.storage.repositories import Repositories
from bot.adapters.storage.retries import Retries
from bot.adapters.storage.runs import Runs
from bot.adapters.storage.sketches import Sketches
from bot.adapters.storage.timeline import Timeline


class Transaction(
    Dues,
    Deliveries,
    DeliveryRecords,
    Repositories,
    Refs,
    Lanes,
    Runs,
    Jobs,
    Incidents,
    Timeline,
    Diagnoses,
    Sketches,
    Retries,
    Cards,
    Hearings,
    Budgets,
    Notices,
    Presses,
    Processes,
    Leases,
    Pruning,
    Overviews,
):
    """One part for each row protocol, over one connection."""
