"""How a process says that it does: what only delays is told, and does not make it unready."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.app.crew import Crew
from bot.app.listening import Listening
from bot.app.presence import Presence, new_process
from bot.app.standing import GitHubStanding, Standing
from bot.config.values import ALL_ROLES, Role
from bot.domain.errors import TransientError
from bot.domain.person import Platform
from bot.ports.chat import Acknowledgement
from bot.ports.finding import Finding
from bot.ports.overview import Overview, Waiting
from bot.ports.running import Process
from tests.unit.bench import HandClock
from tests.unit.made import NOON

MINUTE = timedelta(minutes=1)


@dataclass
class Rows:
    """A database with one row: the overview, unless it is away."""

    overview_: Overview = field(default_factory=lambda: Overview(now=NOON))
    away: bool = False
    leads: bool = True
    looks: int = 0

    @asynccontextmanager
    async def begin(self) -> AsyncIterator["Rows"]:
        if self.away:
            msg = "the connection was refused"
            raise TransientError(msg)
        yield self

    read = begin

    async def overview(self, now: datetime) -> Overview:
        del now
        self.looks += 1
        return self.overview_

    async def seen(self, process: Process) -> None: ...

    async def gone(self, id: str) -> None: ...

    async def bury(self, *, silent_for: timedelta) -> Sequence[str]:
        del silent_for
        return ()

    async def processes(self) -> Sequence[Process]:
        return ()

    async def take_lease(self, name: str, *, process: str, lasts: timedelta) -> bool:
        del name, process, lasts
        return self.leads


@dataclass
class Chat:
    """A chat, as far as it is connected or not."""

    connected: bool = True


@dataclass
class Desk:
    rows: Rows
    clock: HandClock
    presence: Presence
    github: GitHubStanding
    standing: Standing

    async def beat(self) -> None:
        await self.presence.beat(self.standing.findings)

    async def finding(self, name: str) -> Finding:
        return (await self.standing.findings())[name]


def a_desk(*roles: Role, chats: Mapping[Platform, Chat] | None = None, leads: bool = True) -> Desk:
    rows, clock = Rows(leads=leads), HandClock()
    process = new_process(roles or ALL_ROLES, clock)
    presence = Presence(rows, process, alone=False)
    github = GitHubStanding(clock)

    async def receive(_: object) -> Acknowledgement:
        return Acknowledgement.QUIET

    ears: dict[Platform, Any] = {
        name: Listening(name, chat, receive)  # type: ignore[arg-type] # it is only asked whether it is connected
        for name, chat in (chats or {}).items()
    }
    standing = Standing(
        store=rows,
        clock=clock,
        process=process,
        presence=presence,
        crew=Crew(),
        github=github,
        ears=ears,
    )
    return Desk(rows, clock, presence, github, standing)


async def test_all_is_well() -> None:
    desk = a_desk(chats={Platform.SLACK: Chat()})
    await desk.beat()
    state = await desk.standing.readiness()

    assert (state.ready, state.degraded) == (True, [])
    assert {name: finding.text for name, finding in state.found.items()} == {
        "database": "The database answers.",
        "worker": "The worker works.",
        "github": "GitHub was not asked yet.",
        "slack": "Slack is connected.",
        "leader": "This process leads the chats.",
        "backlog": "Nothing waits to be done.",
        "intake": "No delivery came yet.",
    }


async def test_a_chat_that_is_away_leaves_it_ready() -> None:
    desk = a_desk(chats={Platform.DISCORD: Chat(connected=False)})
    await desk.beat()
    state = await desk.standing.readiness()

    assert (state.ready, state.degraded) == (True, ["discord"])


async def test_without_its_database_it_is_not_ready() -> None:
    desk = a_desk()
    await desk.beat()
    desk.rows.away = True
    await desk.beat()
    state = await desk.standing.readiness()

    assert not state.ready
    assert state.found["database"].text == "The database fails: the connection was refused"


async def test_a_web_process_needs_no_worker() -> None:
    desk = a_desk(Role.WEB)
    state = await desk.standing.readiness()

    assert "worker" not in state.found
    assert state.needed == {"database"}


async def test_discord_is_for_the_leader_alone() -> None:
    desk = a_desk(chats={Platform.DISCORD: Chat(connected=False)}, leads=False)
    desk.rows.overview_ = Overview(now=NOON, leaders={"chat": "another"})
    await desk.beat()
    found = await desk.standing.findings()

    assert found["discord"] == Finding(ok=True, text="Discord is heard by the process that leads.")
    assert found["leader"] == Finding(ok=True, text="Another process leads the chats.")


async def test_nobody_leads() -> None:
    desk = a_desk(leads=False)
    await desk.beat()

    assert not (await desk.finding("leader")).ok


@pytest.mark.parametrize(
    ("waited", "fine"), [(MINUTE, True), (9 * MINUTE, True), (11 * MINUTE, False)]
)
async def test_work_that_waits_too_long_is_told(waited: timedelta, fine: bool) -> None:  # noqa: FBT001 - a column of a table
    desk = a_desk()
    oldest = Waiting(kind="card", due=2, later=0, set_aside=0, oldest=NOON - waited)
    desk.rows.overview_ = Overview(now=NOON, waiting=[oldest])
    found = await desk.finding("backlog")

    minutes = round(waited / MINUTE)
    assert found == Finding(ok=fine, text=f"2 rows to be done, the oldest for {minutes} min.")


async def test_a_probe_does_not_ask_the_database_each_time() -> None:
    desk = a_desk()
    for _ in range(3):
        await desk.standing.findings()
    assert desk.rows.looks == 1

    desk.clock.pass_(MINUTE)
    await desk.standing.findings()
    assert desk.rows.looks == 2


async def test_when_github_fails_it_says_since_when_and_how() -> None:
    desk = a_desk()
    desk.github.answered(200)
    desk.clock.pass_(MINUTE)
    assert (await desk.finding("github")).text == "GitHub answered 1 min ago."

    desk.github.answered(503)
    desk.clock.pass_(2 * MINUTE)
    desk.github.answered(0)
    assert await desk.finding("github") == Finding(
        ok=False, text="GitHub fails for 2 min: it answers 503."
    )

    desk.github.answered(404)
    assert (await desk.finding("github")).ok


async def test_a_refused_token_is_a_failure() -> None:
    desk = a_desk()
    desk.github.answered(401)

    assert (await desk.finding("github")).text == (
        "GitHub fails for 0 s: it refuses our credentials (401). Check GITHUB_TOKEN, or the key of "
        "the App."
    )
