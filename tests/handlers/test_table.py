"""The table of handlers: nothing is missing in it, and nothing in it is dead."""

import importlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FunctionType

import pytest
from hypothesis import HealthCheck, given, settings

import handlers
from bot.adapters.memory.code_host import MemoryCodeHost
from bot.adapters.storage.store import SqlStore
from bot.domain import events
from bot.domain.access import Right
from bot.domain.asking import Confirmed, Unsure
from bot.domain.hearing import HearingPolicy
from bot.domain.press import PressKind
from bot.domain.retry import RetryPolicy
from bot.domain.storm import Tally
from bot.messages.card import incident_card
from bot.messages.digest import DigestFacts, digest_card
from bot.messages.facts import CardFacts
from bot.messages.retrying import retry_answer
from bot.messages.text import plain
from bot.messages.views import IncidentCard
from bot.ports.commands import FOCUSED, CommandSpec
from bot.routing import PressRoute, Router
from bot.services.access import Access, AccessRules
from bot.services.hearing import Hearing
from bot.services.incidents import Incidents
from bot.services.judging import Judge
from bot.services.logs import Logs
from bot.services.reruns import Reruns
from bot.services.retries import Retries
from bot.services.status import Status
from bot.services.triage import Triage
from bot.services.unfolding import Unfolding
from handlers import COMMANDS, build_router
from handlers.interactions import unfold
from handlers.interactions.retry import ACTIONS
from handlers.services import Services
from tests.handlers.strategies import card_facts
from tests.scenarios.world import HandClock, Wakes
from tests.unit.made import INCIDENT, NOON, OURS, TARGET, a_press

FOLDER = Path(handlers.__file__).parent
FILES = sorted(
    f"handlers.{file.parent.name}.{file.stem}"
    for file in FOLDER.glob("*/*.py")
    if file.stem != "__init__"
)


@pytest.fixture
def router() -> Router:
    """Return the real table over a store that nothing here opens."""
    clock, github = HandClock(), MemoryCodeHost()
    store = SqlStore("sqlite://", waker=Wakes(HandClock()))
    rules = AccessRules(subscriptions=())
    access = Access(store, rules, {}, github)
    reruns = Reruns(store, github, access, Judge(subscriptions=()), clock)
    return build_router(
        Services(
            access=access,
            hearing=Hearing(store, clock, HearingPolicy(), since_boot=clock.since_boot),
            incidents=Incidents(store, github, clock),
            logs=Logs(store, github),
            retries=Retries(store, github, reruns, RetryPolicy(), clock),
            status=Status(store, access),
            triage=Triage(store, github, Judge(subscriptions=()), clock),
            unfolding=Unfolding(store, clock),
            clock=clock,
        )
    )


def functions_of(route: PressRoute) -> Iterator[Callable[..., object]]:
    """Return what a route calls in the end, unwrapped."""
    for handle in (route.handle, route.choices):
        if isinstance(handle, partial):
            yield handle.func
        elif isinstance(handle, FunctionType):
            yield from (cell.cell_contents for cell in handle.__closure__ or ())


@pytest.mark.parametrize("name", FILES)
def test_each_file_stands_in_the_table(router: Router, name: str) -> None:
    """A handler that nobody can reach is not written."""
    called = [
        function
        for route in (*router.buttons.values(), *router.commands.values())
        for function in functions_of(route)
    ]

    module = importlib.import_module(name)
    assert module.handle in called
    assert not hasattr(module, "choices") or module.choices in called


@pytest.mark.parametrize("name", FILES)
def test_each_file_opens_with_one_sentence_and_fits_on_a_screen(name: str) -> None:
    module = importlib.import_module(name)

    assert module.__doc__
    assert "\n" not in module.__doc__.strip()
    assert len(Path(str(module.__file__)).read_text().splitlines()) <= 60


def test_each_command_is_described_by_its_own_file(router: Router) -> None:
    specs = {
        module.SPEC.name: module.SPEC
        for module in map(importlib.import_module, FILES)
        if hasattr(module, "SPEC")
    }

    assert {spec.name: spec for spec in COMMANDS} == specs
    assert set(router.commands) == set(specs)


@pytest.mark.parametrize("spec", COMMANDS, ids=lambda spec: spec.name)
def test_each_command_can_be_offered_by_both_platforms(router: Router, spec: CommandSpec) -> None:
    """Discord takes lower-case names, required options first, and at most 100 characters."""
    required = [option.required for option in spec.options]

    assert required == sorted(required, reverse=True)
    assert FOCUSED not in {option.name for option in spec.options}
    named = [(spec.name, spec.description), *((one.name, one.description) for one in spec.options)]
    for name, description in named:
        assert name == name.lower()
        assert 1 <= len(description) <= 100
    suggests = any(option.suggests for option in spec.options)
    assert (router.commands[spec.name].choices is not None) is suggests


async def test_help_lists_all_that_can_be_typed(router: Router) -> None:
    answer = await router.press(a_press(PressKind.COMMAND, "help"))

    assert answer
    rows = [plain(row) for row in answer.rows]
    assert rows == [f"{spec.usage}  {spec.description}" for spec in COMMANDS]


def actions_on(card: IncidentCard) -> set[str]:
    return {button.action for button in (*card.buttons, *card.menu)}


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=card_facts)
def test_each_button_on_any_card_has_a_handler(router: Router, facts: CardFacts) -> None:
    card = incident_card(facts)

    assert actions_on(card) <= set(router.buttons)
    assert len(actions_on(card)) == len(card.buttons) + len(card.menu)
    assert not (facts.incident.ended and actions_on(card))
    for text in (card.headline, card.action):
        assert plain(text)


def test_each_button_on_a_digest_has_a_handler(router: Router) -> None:
    tally = Tally(repo=OURS, cause=None, ending=None, incidents=99, held=99, calling=0, newest=NOON)
    facts = DigestFacts(
        since=NOON, until=None, tallies=(tally,), names={OURS: "acme/app"}, listed=(INCIDENT,)
    )

    actions = {button.action for button in digest_card(facts).buttons}
    assert actions == set(unfold.BUTTONS) <= set(router.buttons)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("confirms", Confirmed)
def test_each_confirmation_has_a_handler(router: Router, action: str, confirms: Confirmed) -> None:
    answer = retry_answer(Unsure("Retry it?", TARGET, confirms), action=action)

    assert {button.action for button in answer.buttons} <= set(router.buttons)


def test_only_what_runs_nothing_needs_no_more_than_reading(router: Router) -> None:
    reading = {name for name, route in router.buttons.items() if route.right is Right.READ}

    assert reading == {"acknowledge", "full_log", "unfold_all", "unfold_newest"}
    assert router.commands["retry"].right is Right.RETRY


def test_each_event_that_changes_something_is_heard(router: Router) -> None:
    silent = {events.Pinged, events.Unheard}

    assert set(router.events) == set(events.Event.__args__) - silent
