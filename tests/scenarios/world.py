"""The whole bot on chats and a GitHub in memory, with time moved by hand."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import structlog

from bot.adapters.github.payloads import read
from bot.adapters.memory.chat import MemoryChat
from bot.adapters.memory.code_host import MemoryCodeHost
from bot.adapters.storage.intake import GroupCommit
from bot.adapters.storage.store import SqlStore
from bot.app.assembly import Assembled, Policies, assemble
from bot.domain.access import Grant
from bot.domain.events import RunReported
from bot.domain.hearing import HearingPolicy
from bot.domain.ids import JobId, PressId, RunId
from bot.domain.incident import Incident
from bot.domain.lane import RefKind
from bot.domain.person import Identity, Person, Platform
from bot.domain.press import Press, PressKind, Target
from bot.domain.retry import RetryPolicy
from bot.domain.run import Conclusion, Job, Status, Step
from bot.domain.storm import StormPolicy
from bot.domain.subscription import Place, Subscription
from bot.domain.work import DueKind
from bot.messages.text import plain
from bot.messages.views import Answer, Button, Choices, IncidentCard
from bot.ports.chat import Acknowledgement
from bot.services.access import AccessRules
from bot.worker import Worker
from tests import payloads
from tests.payload_parts import NOON, Json, number_of

REPO = "acme/app"
REGISTRY_503 = (
    b"2026-11-24T12:00:00.0000000Z #19 pushing manifest for ghcr.io/acme/app\n"
    b"2026-11-24T12:00:01.0000000Z #19 ERROR: failed to push ghcr.io/acme/app: unexpected status: "
    b"503 Service Unavailable\n"
    b"2026-11-24T12:00:02.0000000Z ##[error]Process completed with exit code 1.\n"
)
TEST_FAILURE = (
    b"2026-11-24T12:00:00.0000000Z ============ FAILURES ============\n"
    b"2026-11-24T12:00:01.0000000Z E   assert 3 == 4\n"
    b"2026-11-24T12:00:02.0000000Z FAILED tests/test_sum.py::test_adds - assert 3 == 4\n"
    b"2026-11-24T12:00:03.0000000Z ##[error]Process completed with exit code 1.\n"
)
SLACK_ROOM = Place(platform=Platform.SLACK, channel="C1")
DISCORD_ROOM = Place(platform=Platform.DISCORD, channel="1001")
ANA = Person(platform=Platform.SLACK, id="U1", name="ana")
BO = Person(platform=Platform.SLACK, id="U2", name="bo")
STRANGER = Person(platform=Platform.SLACK, id="U9", name="eve")
DISCORD_ANA = Person(platform=Platform.DISCORD, id="2001", name="ana")
OURS_THAT_BROKE = {"due_broke", "due_not_recorded", "press_broke", "choices_broke", "due_set_aside"}


@dataclass
class HandClock:
    at: datetime = NOON
    wrong_by: timedelta = timedelta()

    def now(self) -> datetime:
        return self.at

    def set_by(self, step: timedelta) -> None:
        """Show another time, although none passes."""
        self.at += step
        self.wrong_by += step

    def since_boot(self) -> float:
        return (self.at - self.wrong_by).timestamp()


@dataclass
class Wakes:
    """Collects wakes, so that a test decides when they are followed."""

    clock: HandClock
    waiting: list[tuple[DueKind, str]] = field(default_factory=list)
    deaf: bool = False
    """Every wake is lost, as when a queue is wiped or a process dies after its commit."""

    def wake(self, kind: DueKind, id: str, *, key: str, at: datetime | None = None) -> None:
        """Keep what may be done now; what is for later is swept up then."""
        del key
        is_now = at is None or at <= self.clock.now()
        if is_now and not self.deaf and (kind, id) not in self.waiting:
            self.waiting.append((kind, id))

    async def run(self, handle: object, queues: object = None) -> None:
        del handle, queues

    def take(self) -> list[tuple[DueKind, str]]:
        taken, self.waiting = self.waiting, []
        return taken


def subscriptions(**changes: Any) -> tuple[Subscription, ...]:
    """Return one subscription a platform, for the repositories of acme."""
    return tuple(
        replace(Subscription(place=place, repositories=("acme/*",), mention=(mention,)), **changes)
        for place, mention in ((SLACK_ROOM, "group:S1"), (DISCORD_ROOM, "role:42"))
    )


def policies(
    *,
    subscribed: Sequence[Subscription] | None = None,
    grants: Sequence[Grant] | None = None,
    retry: RetryPolicy | None = None,
    storm: StormPolicy | None = None,
    hearing: HearingPolicy | None = None,
) -> Policies:
    may = Grant(
        repositories=("acme/*",),
        retry=(ANA.key, BO.key, DISCORD_ANA.key),
    )
    return Policies(
        rules=AccessRules(
            subscriptions=subscriptions() if subscribed is None else subscribed,
            grants=(may,) if grants is None else grants,
            people=(Identity(slack="U1", discord="2001", github="ana"),),
        ),
        retry=retry or RetryPolicy(),
        storm=storm or StormPolicy(),
        hearing=hearing or HearingPolicy(),
    )


@dataclass(kw_only=True)
class World:
    store: SqlStore
    writer: GroupCommit
    bot: Assembled
    worker: Worker
    wakes: Wakes
    clock: HandClock
    github: MemoryCodeHost
    slack: MemoryChat
    discord: MemoryChat
    logs: list[Any]
    ids: "count[int]" = field(default_factory=lambda: count(1))
    cells: dict[int, list[Job]] = field(default_factory=dict)

    async def deliver(self, event: str, payload: Json, *, id: str = "") -> None:
        """Store a delivery as the web door does, and let the bot work."""
        await self.store_delivery(event, payload, id=id)
        await self.settle()

    async def store_delivery(self, event: str, payload: Json, *, id: str = "") -> None:
        delivery = payloads.delivery(event, payload, id=id or f"d{next(self.ids)}")
        await self.writer.store(replace(delivery, received_at=self.clock.now()))

    async def run(self, state: str, *, log: bytes | None = REGISTRY_503, **about: Any) -> None:
        """Let something happen to a run, and tell of it."""
        await self.deliver("workflow_run", self.happens(state, log=log, **about))

    def happens(self, state: str, *, log: bytes | None = REGISTRY_503, **about: Any) -> Json:
        """Let a run be "running", "red", "green", "cancelled" or "skipped"; GitHub alone knows.

        Returns the payload that would tell of it.

        Args:
            log: Of each failed job that has none yet; None for a job that left no log.
            about: As `payloads.workflow_run` takes it; also `jobs`, a mapping of job names to
                conclusions of this attempt.
        """
        jobs: dict[str, str] = about.pop("jobs", {} if state != "red" else {"build": "failure"})
        word = {"red": "failure", "green": "success"}.get(state, state)
        about.setdefault("at", self.clock.now())
        payload = payloads.workflow_run(
            status="in_progress" if state == "running" else "completed",
            conclusion=None if state == "running" else word,
            **about,
        )
        self.know(payload, jobs or ({"build": word} if state == "green" else {}), log)
        return payload

    def know(self, payload: Json, jobs: dict[str, str], log: bytes | None) -> None:
        """Let GitHub know the run that the delivery tells of."""
        delivery = payloads.delivery("workflow_run", payload)
        # Whatever time it is here, there it is as late as the run says.
        event = read(replace(delivery, received_at=self.clock.now() + timedelta(days=1)))
        assert isinstance(event, RunReported)
        run = event.run
        self.github.repositories[event.repo.id] = event.repo
        self.github.refs.setdefault(event.repo.default_branch, RefKind.BRANCH)
        if run.id not in self.github.runs or run.age_key >= self.github.runs[run.id].age_key:
            self.github.runs[run.id] = run
        known = self.github.jobs_of.setdefault(run.id, {})
        for name, conclusion in jobs.items():
            job = a_job(run.id, run.attempt, name, conclusion)
            known[name] = job
            if log is not None and job.red:
                self.github.logs.setdefault(job.id, log)

    async def job_fails(
        self,
        name: str,
        *,
        log: bytes = REGISTRY_503,
        run: int = 812,
        attempt: int = 1,
        **about: Any,
    ) -> None:
        """Tell that a job failed while its run still goes on."""
        job = a_job(RunId(run), attempt, name, "failure")
        self.github.logs.setdefault(job.id, log)
        self.github.jobs_of.setdefault(RunId(run), {})[name] = job
        about.setdefault("at", self.clock.now())
        await self.deliver(
            "workflow_job",
            payloads.workflow_job(run=run, attempt=attempt, job=job.id, name=name, **about),
        )

    async def press(self, action: str, *, by: Person = ANA, card: int = -1) -> str:
        """Press a button that a card shows now; return what the presser reads."""
        button = self.button(action, card=card, platform=by.platform)
        return await self.send(by, PressKind.BUTTON, action, target=button.target)

    async def confirm(self, *, by: Person = ANA) -> str:
        """Press the button of the last answer."""
        (button,) = self.chat(by.platform).answers[-1][1].buttons
        return await self.send(by, PressKind.BUTTON, button.action, target=button.target)

    async def type(self, words: str, *, by: Person = ANA, place: Place | None = None) -> str:
        """Type a command such as "retry what=#1"; return what is answered."""
        name, *options = words.split()
        arguments = dict(option.split("=", 1) for option in options)
        return await self.send(by, PressKind.COMMAND, name, arguments=arguments, place=place)

    async def complete(self, name: str, *, by: Person = ANA, **arguments: str) -> Choices:
        press = self.a_press(by, PressKind.CHOICES, name, arguments=arguments)
        choices = await self.bot.inbox.receive(press)
        assert isinstance(choices, Choices)
        return choices

    def a_press(
        self,
        by: Person,
        kind: PressKind,
        name: str,
        *,
        target: Target | None = None,
        arguments: dict[str, str] | None = None,
        place: Place | None = None,
    ) -> Press:
        here = SLACK_ROOM if by.platform is Platform.SLACK else DISCORD_ROOM
        return Press(
            id=PressId(f"p{next(self.ids)}"),
            kind=kind,
            name=name,
            place=place or here,
            by=by,
            target=target,
            arguments=arguments or {},
            received_at=self.clock.now(),
        )

    async def send(self, by: Person, kind: PressKind, name: str, **about: Any) -> str:
        """Let a press come in and be handled; return the answer's text."""
        press = self.a_press(by, kind, name, **about)
        assert isinstance(await self.bot.inbox.receive(press), Acknowledgement)
        await self.settle()
        return self.answer_to(press)

    def answer_to(self, press: Press) -> str:
        for answered, answer in self.chat(press.by.platform).answers:
            if answered.id == press.id:
                return said(answer)
        return ""

    def button(self, action: str, *, card: int = -1, platform: Platform = Platform.SLACK) -> Button:
        view = self.chat(platform).cards[card].view
        assert isinstance(view, IncidentCard)
        return next(one for one in (*view.buttons, *view.menu) if one.action == action)

    def chat(self, platform: Platform) -> MemoryChat:
        return self.slack if platform is Platform.SLACK else self.discord

    def card(self, number: int = -1) -> IncidentCard:
        view = self.slack.cards[number].view
        assert isinstance(view, IncidentCard)
        return view

    async def after(self, **time: float) -> None:
        """Let time pass, sweeping as it does, and see what becomes due meanwhile."""
        end = self.clock.at + timedelta(**time)
        while True:
            await self.settle()
            async with self.store.read() as tx:
                next_due = await tx.next_due()
            if next_due is None or next_due > end:
                break
            self.clock.at = max(next_due, self.clock.at)
        self.clock.at = end
        await self.settle()

    async def live(self, *, minutes: int) -> None:
        """Let time pass with a heartbeat, as a running process has."""
        for _ in range(minutes):
            await self.after(minutes=1)
            await self.bot.hearing.alive()
        await self.settle()

    async def settle(self) -> None:
        """Work until nothing is due; fail at once if something of ours broke."""
        for _ in range(200):
            deaf, self.wakes.deaf = self.wakes.deaf, False
            await self.worker.sweep()
            waiting = self.wakes.take()
            self.wakes.deaf = deaf
            if not waiting:
                return
            for kind, row_id in waiting:
                await self.worker.handle(kind, row_id)
            broke = [line for line in self.logs if line["event"] in OURS_THAT_BROKE]
            assert not broke, broke
        msg = "The bot never comes to rest."
        raise AssertionError(msg)

    async def open_incidents(self) -> Sequence[Incident]:
        async with self.store.read() as tx:
            return await tx.open_incidents()


def said(answer: Answer) -> str:
    """Return an answer as plain text, a line a row."""
    return "\n".join([plain(answer.text), *(plain(row) for row in answer.rows)])


def a_job(run: RunId, attempt: int, name: str, conclusion: str) -> Job:
    number = number_of(f"{run} {attempt} {name}")
    failed = conclusion == "failure"
    return Job(
        id=JobId(number),
        run=run,
        attempt=attempt,
        name=name,
        status=Status.COMPLETED,
        conclusion=Conclusion(conclusion),
        steps=(
            Step(number=1, name="Set up job", conclusion=Conclusion.SUCCESS),
            Step(
                number=2,
                name="Build and push",
                conclusion=Conclusion.FAILURE if failed else Conclusion.SUCCESS,
            ),
        ),
    )


@asynccontextmanager
async def a_world(
    told: Policies | None = None, *, deaf: bool = False, github: MemoryCodeHost | None = None
) -> AsyncIterator[World]:
    """Open a world; a deaf one loses every wake after a commit, and must do the same."""
    clock, github = HandClock(), github or MemoryCodeHost()
    wakes = Wakes(clock, deaf=deaf)
    slack = MemoryChat(platform=Platform.SLACK, clock=clock)
    discord = MemoryChat(platform=Platform.DISCORD, clock=clock)
    with structlog.testing.capture_logs() as logs:
        async with SqlStore("sqlite://", waker=wakes) as store, GroupCommit(store) as writer:
            bot = assemble(
                store=store,
                code_host=github,
                platforms={Platform.SLACK: slack, Platform.DISCORD: discord},
                policies=told or policies(),
                read_event=read,
                clock=clock,
                since_boot=clock.since_boot,
            )
            worker = Worker(store, wakes, bot.due, clock)
            yield World(
                store=store,
                writer=writer,
                bot=bot,
                worker=worker,
                wakes=wakes,
                clock=clock,
                github=github,
                slack=slack,
                discord=discord,
                logs=logs,
            )
