"""Puts services, router and due table together over whatever adapters are given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from bot.adapters.github.retelling import GitHubRetelling
from bot.adapters.storage.transaction import Transaction
from bot.app.tenure import since_boot
from bot.diagnosis import Context, Reader, RuleError, load_rules
from bot.diagnosis.ruleset import built_in_rules
from bot.domain.errors import PermanentError
from bot.domain.hearing import HearingPolicy
from bot.domain.person import Platform
from bot.domain.retention import RetentionPolicy
from bot.domain.retry import RetryPolicy
from bot.domain.storm import StormPolicy
from bot.domain.work import DueKind
from bot.due import DoDue, Workers, build_due
from bot.ports.chat import ChatPlatform
from bot.ports.clock import Clock
from bot.ports.code_host import CodeHost
from bot.ports.store import Store
from bot.routing import Router
from bot.services.access import Access, AccessRules
from bot.services.cards import Cards
from bot.services.checking import Checking
from bot.services.deciding import Deciding
from bot.services.diagnoses import Diagnoses
from bot.services.greens import Greens
from bot.services.hearing import Hearing
from bot.services.inbox import Inbox, ReadEvent, Routes
from bot.services.incidents import Incidents
from bot.services.judging import Judge
from bot.services.logs import Logs
from bot.services.notices import Notices
from bot.services.polling import Polling
from bot.services.pruning import Pruning
from bot.services.reading import Reading
from bot.services.reconciliation import Reconciliation
from bot.services.reruns import Reruns
from bot.services.retries import Retries
from bot.services.status import Status
from bot.services.telling import REQUEST_TIMEOUT
from bot.services.triage import Triage
from bot.services.unfolding import Unfolding
from handlers import build_router
from handlers.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """Settings, as the services know them."""

    rules: AccessRules
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    storm: StormPolicy = field(default_factory=StormPolicy)
    retention: RetentionPolicy = field(default_factory=RetentionPolicy)
    hearing: HearingPolicy = field(default_factory=HearingPolicy)
    patience: timedelta = REQUEST_TIMEOUT
    """After it, an unanswered request to a far side has acted or never will."""
    own_rules: tuple[Path, ...] = ()
    """Files of diagnosis rules beside the built-in ones."""
    heartbeat: str = ""
    """Address that is asked for while all is well; empty: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    router: Router
    inbox: Inbox
    hearing: Hearing
    pruning: Pruning
    due: Mapping[DueKind, DoDue]


def _uncounted(router: Router) -> Routes:
    return router


def assemble(  # noqa: PLR0913 - the parts that a bot is made of
    *,
    store: Store[Transaction],
    code_host: CodeHost,
    platforms: Mapping[Platform, ChatPlatform],
    policies: Policies,
    read_event: ReadEvent,
    clock: Clock,
    since_boot: Callable[[], float] = since_boot,
    counted: Callable[[Router], Routes] = _uncounted,
) -> Assembled:
    """Return a bot that needs only to be fed and woken."""
    rules = policies.rules
    heard = replace(policies.hearing, subscriptions=rules.subscriptions)
    hearing = Hearing(store, clock, heard, since_boot=since_boot)
    retelling = GitHubRetelling()
    pruning = Pruning(store, policies.retention, clock)
    access = Access(store, rules, platforms, code_host)
    judge = Judge(subscriptions=rules.subscriptions, storm=policies.storm)
    reruns = Reruns(store, code_host, access, judge, clock, patience=policies.patience)
    triage = Triage(store, code_host, judge, clock)
    incidents = Incidents(store, code_host, clock)
    router = build_router(
        Services(
            access=access,
            hearing=hearing,
            incidents=incidents,
            logs=Logs(store, code_host),
            retries=Retries(store, code_host, reruns, policies.retry, clock),
            status=Status(store, access),
            triage=triage,
            unfolding=Unfolding(store, clock),
            clock=clock,
        )
    )
    reading = Reading(
        code_host=code_host,
        greens=Greens(store, code_host),
        reader=_reader(policies.own_rules),
    )
    inbox = Inbox(store, counted(router), read_event, platforms, clock)
    due = build_due(
        Workers(
            inbox=inbox,
            triage=triage,
            diagnoses=Diagnoses(
                store,
                code_host,
                reading,
                Deciding(policies.retry),
                clock,
            ),
            incidents=incidents,
            reruns=reruns,
            cards=Cards(store, platforms, rules, clock, patience=policies.patience),
            notices=Notices(
                store, platforms, rules, clock, storm=policies.storm, patience=policies.patience
            ),
            checking=Checking(store, code_host, incidents, retelling, clock=clock, policy=heard),
            reconciliation=Reconciliation(store, code_host, read_event, clock, heard),
            polling=Polling(store, code_host, retelling, clock, heard),
            pruning=pruning,
        )
    )
    return Assembled(router=router, inbox=inbox, hearing=hearing, pruning=pruning, due=due)


def _reader(own_rules: Sequence[Path]) -> Callable[[Context], Reader]:
    """Return what reads a log; a broken rule is an error now, not at the first failed run."""
    try:
        rules = load_rules(own_rules) if own_rules else built_in_rules()
    except RuleError as error:
        msg = f"settings.toml: diagnosis.rules: {error}"
        raise PermanentError(msg) from error
    return lambda context: Reader(context, rules)
