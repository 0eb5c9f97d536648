"""What is counted on its way, and what a process that leads no more may not send."""

from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bot.adapters.clock import SystemClock
from bot.app.counting import CountedRoutes, LedChat, counted_intake
from bot.app.metrics import Metrics
from bot.app.presence import new_process
from bot.config.values import ALL_ROLES
from bot.domain.errors import (
    BusyError,
    OperatorError,
    PermanentError,
    SmokejumperError,
    TransientError,
)
from bot.domain.events import Delivery, Event, Pinged
from bot.domain.ids import DeliveryId
from bot.domain.person import Member, Person
from bot.domain.press import Press
from bot.domain.subscription import Place
from bot.domain.work import DueKind
from bot.messages.text import say
from bot.messages.views import Answer, Choices, Note, View
from bot.ports.chat import Acknowledgement, MessageRef, Receive
from bot.ports.finding import Finding
from bot.ports.overview import Overview, Waiting
from bot.ports.running import Budget
from tests.unit.made import NOON, ROOM

NOTE = Note(text=say("Hello."))
REF = MessageRef(place=ROOM, message="1")


def the_metrics() -> Metrics:
    return Metrics(new_process(ALL_ROLES, SystemClock()))


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"smokejumper_{name}", labels)


@dataclass
class Chat:
    """Takes what it is told, or fails as it was told to."""

    fails: SmokejumperError | None = None
    connected: bool = True
    said: list[str] = field(default_factory=list)

    def _do(self, what: str) -> None:
        if self.fails:
            raise self.fails
        self.said.append(what)

    async def post(self, place: Place, view: View, *, key: str, thread: str = "") -> MessageRef:
        del place, view, thread
        self._do(key)
        return REF

    async def edit(self, ref: MessageRef, view: View, *, urgent: bool) -> None:
        del ref, view, urgent
        self._do("edit")

    async def find(
        self, place: Place, *, key: str, since: datetime, thread: str = ""
    ) -> MessageRef | None:
        del place, key, since, thread
        return None

    async def open_thread(self, ref: MessageRef, title: str) -> str:
        del ref
        self._do(title)
        return "thread"

    async def answer(self, press: Press, answer: Answer) -> None:
        del press, answer
        self._do("answer")

    async def member(self, person: Person, *, groups: frozenset[str]) -> Member:
        del person, groups
        return Member()

    async def listen(self, receive: Receive) -> None:
        del receive


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        pytest.param(None, "ok", id="fine"),
        pytest.param(BusyError("our own pace"), "busy", id="busy"),
        pytest.param(TransientError("down"), "waits", id="down"),
        pytest.param(TransientError("429", after=timedelta(1)), "limited", id="limited"),
        pytest.param(OperatorError("no rights"), "operator", id="operator"),
        pytest.param(PermanentError("never"), "refused", id="refused"),
    ],
)
async def test_calls_are_counted_by_how_they_came_out(
    error: SmokejumperError | None, outcome: str
) -> None:
    metrics, chat = the_metrics(), Chat(fails=error)
    led = LedChat("slack", chat, metrics, lambda: True)
    with pytest.raises(type(error)) if error else nullcontext():
        await led.post(ROOM, NOTE, key="card-1")

    assert value(metrics, "chat_calls_total", chat="slack", call="post", outcome=outcome) == 1
    assert value(metrics, "chat_call_seconds_count", chat="slack", call="post") == 1
    limited = value(metrics, "rate_limited_total", of="slack")
    assert limited == (1 if outcome == "limited" else None)


async def test_who_leads_no_more_sends_nothing() -> None:
    """Its handlers may be in the middle of their work when the lease is lost."""
    chat = Chat()
    led = LedChat("slack", chat, the_metrics(), lambda: False)
    for call in (
        led.post(ROOM, NOTE, key="card-1"),
        led.post(ROOM, NOTE, key="line-1", thread="1"),
        led.edit(REF, NOTE, urgent=True),
        led.open_thread(REF, "title"),
    ):
        with pytest.raises(BusyError):
            await call

    assert chat.said == []
    assert await led.find(ROOM, key="card-1", since=NOON) is None


class Routes:
    async def event(self, event: Event) -> str:
        del event
        return "done"

    async def press(self, press: Press) -> Answer | None:
        del press
        return None

    async def choices(self, press: Press) -> Choices:
        del press
        return Choices()

    def only_reads(self, press: Press) -> bool:
        del press
        return False

    def acknowledgement(self, press: Press) -> Acknowledgement:
        del press
        return Acknowledgement.QUIET


async def test_events_and_deliveries_are_counted() -> None:
    metrics = the_metrics()
    assert await CountedRoutes(Routes(), metrics).event(Pinged(hook=1)) == "done"
    assert value(metrics, "events_processed_total", event="Pinged") == 1

    new = [True, False]

    async def store(_: Delivery) -> bool:
        if not new:
            msg = "too many wait"
            raise TransientError(msg)
        return new.pop(0)

    told = Delivery(id=DeliveryId("a"), event="ping", repo=None, received_at=NOON, body=b"{}")
    take = counted_intake(store, metrics)
    assert [await take(told), await take(told)] == [True, False]
    with pytest.raises(TransientError):
        await take(told)
    for answer in ("stored", "known", "put_off"):
        assert value(metrics, "deliveries_received_total", event="ping", answer=answer) == 1

    new.append(True)
    await take(replace(told, event="made_up_by_a_stranger"))
    assert value(metrics, "deliveries_received_total", event="other", answer="stored") == 1


def test_the_page_shows_what_the_rows_say() -> None:
    metrics = the_metrics()
    oldest = NOON - timedelta(seconds=90)
    overview = Overview(
        now=NOON,
        waiting=[Waiting(kind="card", due=3, later=4, set_aside=1, oldest=oldest)],
        deliveries_set_aside=2,
        open_incidents=5,
        newest_delivery=NOON,
        budgets={"github token": Budget(remaining=4_200)},
    )
    slack = Finding(ok=False, text="Slack is not connected.")
    metrics.show(overview, {"slack": slack}, leads=True, now=NOON)
    metrics.worked(DueKind.CARD, "ok", timedelta(seconds=1))

    assert value(metrics, "due_rows", kind="card", state="due") == 3
    assert value(metrics, "due_rows", kind="card", state="set_aside") == 1
    assert value(metrics, "due_oldest_age_seconds", kind="card") == 90
    assert value(metrics, "deliveries_set_aside") == 2
    assert value(metrics, "budget_remaining", budget="github token") == 4_200
    assert value(metrics, "dependency_up", dependency="slack") == 0
    assert value(metrics, "leads") == 1
    assert value(metrics, "work_total", kind="card", outcome="ok") == 1
    page = metrics.page().decode()
    assert "process_resident_memory_bytes" in page
    assert 'smokejumper_info{roles="web,worker,chat"' in page

    metrics.show(Overview(now=NOON), {}, leads=False, now=NOON)
    assert value(metrics, "due_rows", kind="card", state="due") is None
