"""Several processes on one PostgreSQL, each with a role of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
import psycopg
from prometheus_client.parser import text_string_to_metric_families

from bot.cli.stage.town import SLACK_ALICE
from tests.e2e.bot_process import PATIENCE, Bot, process, serving, until
from tests.e2e.far_sides import FAILED_TEST, FarSides
from tests.postgres import Postgres

LEADS = "event=leads"


@dataclass
class Several:
    """The processes of one bot, by role."""

    sides: FarSides
    database: str
    stack: AsyncExitStack
    web: list[Bot] = field(default_factory=list)
    worker: list[Bot] = field(default_factory=list)
    chat: list[Bot] = field(default_factory=list)

    async def start(self, *roles: str) -> None:
        """Start a process of each role at once; nothing is awaited but their doors."""
        started = await asyncio.gather(*(self._start(role) for role in roles))
        for role, bot in zip(roles, started, strict=True):
            getattr(self, role).append(bot)

    async def _start(self, role: str) -> Bot:
        variables = self.sides.variables | {
            "DATABASE_URL": self.database,
            "SMOKEJUMPER_ROLES": role,
        }
        return await self.stack.enter_async_context(serving(self.sides.folder, variables))

    async def leader(self) -> Bot:
        """Return the process that leads the chats, once one does and hears them."""
        leading: list[Bot] = []

        def found() -> bool:
            leading[:] = [one for one in self.alive(self.chat) if LEADS in one.log]
            return bool(leading)

        await until(found)
        await leading[-1].ready()
        return leading[-1]

    @staticmethod
    def alive(bots: Sequence[Bot]) -> list[Bot]:
        return [one for one in bots if one.process.returncode is None]

    async def counted(self, name: str, **labels: str) -> float:
        """Sum what all processes count, once it is anything."""
        total = 0.0
        async with aiohttp.ClientSession() as session, asyncio.timeout(PATIENCE):
            while not total:
                for bot in self.alive([*self.web, *self.worker, *self.chat]):
                    page = await (await session.get(f"{bot.url}/metrics")).text()
                    total += _sum(page, f"smokejumper_{name}", labels)
        return total

    def holder(self, kind: str) -> int | None:
        """Return the process that works on a row of a kind, by its id in the system."""
        query = "SELECT pid FROM process JOIN due ON due.holder = process.id WHERE due.kind = %s"
        with psycopg.connect(self.database) as connection:
            row = connection.execute(query, [kind]).fetchone()
        return row[0] if row else None

    def worker_on(self, kind: str) -> Bot | None:
        held_by = self.holder(kind)
        return next((one for one in self.worker if one.process.pid == held_by), None)


def _sum(page: str, name: str, labels: Mapping[str, str]) -> float:
    return sum(
        sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


@asynccontextmanager
async def several(sides: FarSides, database: str, *roles: str) -> AsyncIterator[Several]:
    async with AsyncExitStack() as stack:
        bots = Several(sides, database, stack)
        await bots.start(*roles)
        for bot in (*bots.web, *bots.worker, *bots.chat):
            await bot.ready()
        if bots.web:
            sides.deliver_to(bots.web[0])
        yield bots
        await sides.town.github.delivered()


async def test_roles_work_together_and_survive_each_other(sides: FarSides, postgres: str) -> None:
    """The leader is killed, then the worker that reads a log: another takes over each time."""
    roles = ("web", "worker", "worker", "chat", "chat")
    async with several(sides, postgres, *roles) as bots:
        assert await bots.counted("work_total", kind="check") == 1  # a schedule is one row
        sides.break_build("Tests")
        await sides.shown("BROKEN", "Tests on main", FAILED_TEST)

        await (await bots.leader()).crash()
        await bots.leader()
        answer = await sides.press_in_discord(sides.town.alice, "Acknowledge", "Tests on main")
        assert answer
        await sides.shown("alice has it", chats=["Slack", "Discord"])

        sides.town.github.delay_next("GET", "*/jobs", timedelta(minutes=1))
        sides.break_build("Lint")
        reader = await until(lambda: bots.worker_on("diagnosis"))
        await reader.crash()
        await sides.shown("BROKEN", "Lint on main", FAILED_TEST)

        answer = await sides.press_in_slack(SLACK_ALICE, "Retry failed jobs", "Tests on main")
        assert answer == "The failed jobs run again (attempt 2)."
    assert sides.reruns() == 1
    assert [len(sides.cards(chat)) for chat in ("Slack", "Discord")] == [2, 2]


async def test_a_leader_that_is_stopped_hands_over_at_once(sides: FarSides, postgres: str) -> None:
    """As in a rolling upgrade: nobody waits until the old one is believed dead."""
    async with several(sides, postgres, "web", "worker", "chat") as bots:
        first = await bots.leader()
        sides.break_build("Tests")
        await sides.shown("BROKEN", "Tests on main")
        await bots.start("chat")
        assert LEADS not in bots.chat[1].log

        assert await first.stop() == 0
        second = await bots.leader()
        sides.break_build("Lint")
        await sides.shown("BROKEN", "Lint on main")
        assert "process_buried" not in second.log
    assert [len(sides.cards(chat)) for chat in ("Slack", "Discord")] == [2, 2]


async def test_it_waits_for_a_database_that_is_away(
    sides: FarSides, bare_postgres: str, postgres_server: Postgres
) -> None:
    """It starts beside us, perhaps later; until then we live, and take nothing."""
    door = f"127.0.0.1:{_free_port()}"
    variables = {"DATABASE_URL": bare_postgres, "SMOKEJUMPER_LISTEN": door}
    postgres_server.stop()
    async with process(sides.folder, sides.variables | variables) as bot:
        await bot.says("event=database_away")
        async with aiohttp.ClientSession() as session:
            assert (await session.get(f"http://{door}/healthz")).status == 200
            assert (await session.get(f"http://{door}/readyz")).status == 503
            assert (await session.post(f"http://{door}/github")).status == 503

        postgres_server.start()
        await until(lambda: bot.url)
        await bot.ready()
        sides.deliver_to(bot)
        sides.break_build("Tests")
        await sides.shown("BROKEN", "Tests on main", FAILED_TEST)
        assert await bot.stop() == 0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
