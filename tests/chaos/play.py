"""One chaos run: builds, people, faults and kills at once; then quiet, then judgement."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from tests.chaos.builds import Builds
from tests.chaos.estate import Estate, an_estate
from tests.chaos.fleet import ALL, Fleet
from tests.chaos.oracle import Oracle, Tally
from tests.chaos.people import People
from tests.chaos.rows import Rows
from tests.chaos.trouble import Trouble

REDELIVER_EVERY: Final = 0.5  # seconds
LOOK_EVERY: Final = 0.3
CALM: Final = 3  # looks in a row that must find nothing to do


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    seed: int
    kills: int
    database: str = ""
    """DATABASE_URL; a SQLite file if empty."""
    places: Sequence[str] = (ALL,)
    """The roles of each process."""
    build_every: timedelta = timedelta(seconds=0.35)
    press_every: timedelta = timedelta(seconds=0.8)
    fault_every: timedelta = timedelta(seconds=0.7)
    redelivers: bool = True
    """Whether we send again what the bot did not take; otherwise it asks GitHub to."""
    patience: timedelta = timedelta(minutes=5)
    """How long it may take until all is quiet."""


@dataclass(slots=True)
class Play:
    plan: Plan
    estate: Estate
    rows: Rows
    lot: random.Random
    builds: Builds = field(init=False)
    people: People = field(init=False)
    trouble: Trouble = field(init=False)
    fleet: Fleet = field(init=False)
    presses: list[asyncio.Task[None]] = field(default_factory=list)
    restless: list[str] = field(default_factory=list)
    rest_after: float = 0.0
    """Seconds from the last kill until all was done."""

    def __post_init__(self) -> None:
        # A lot of its own for each, so that the timing of one does not shuffle the others.
        lots = [random.Random(self.lot.random()) for _ in range(4)]  # noqa: S311 - a repeatable play
        repositories = [room.repository for room in self.estate.rooms]
        self.builds = Builds(repositories, lots[0])
        self.people = People(self.estate, lots[1])
        self.trouble = Trouble(self.estate, lots[2])
        self.fleet = Fleet(self.estate, lots[3], self.plan.places)

    async def run(self) -> Tally:
        """Play until the kills are done; then let all come to rest and judge it."""
        async with asyncio.TaskGroup() as group:
            living = group.create_task(self.fleet.run())
            redelivering = group.create_task(self._redeliver())
            await self.fleet.all_serve()
            acts = [
                group.create_task(self._again(self._build, self.plan.build_every)),
                group.create_task(self._again(self._hinder, self.plan.fault_every)),
                group.create_task(self._press(group)),
            ]
            for _ in range(self.plan.kills):
                await self.fleet.kill_one()
            for task in acts:
                task.cancel()
            self.trouble.end()
            await self._rest()
            # Who still waits for an answer waits for nothing; what came is judged.
            for task in (*self.presses, redelivering, living):
                task.cancel()
        return self._judge()

    def _judge(self) -> Tally:
        tally = Tally(seed=self.plan.seed, kills=self.fleet.kills, faults=self.trouble.struck)
        oracle = Oracle(
            estate=self.estate,
            builds=self.builds,
            pressed=self.people.pressed,
            rows=self.rows,
            log=self.fleet.log,
        )
        tally.seconds_to_rest = round(self.rest_after)
        for what in self.restless:
            tally.found("due_left", f"after {tally.seconds_to_rest} s still {what}")
        return oracle.judge(tally)

    async def _build(self) -> None:
        self.builds.step()

    async def _hinder(self) -> None:
        self.trouble.add()

    async def _again(self, act: Callable[[], Awaitable[None]], every: timedelta) -> None:
        while True:
            await asyncio.sleep(self.lot.expovariate(1 / every.total_seconds()))
            await act()

    async def _press(self, group: asyncio.TaskGroup) -> None:
        while True:
            await asyncio.sleep(self.lot.expovariate(1 / self.plan.press_every.total_seconds()))
            self.presses.append(group.create_task(self.people.press()))

    async def _redeliver(self) -> None:
        """Send again what was not taken, as GitHub does for who asks it."""
        while self.plan.redelivers:
            await asyncio.sleep(REDELIVER_EVERY)
            for room in self.estate.rooms:
                for hook in room.repository.hooks:
                    taken = {one.guid for one in hook.deliveries if one.status in ("OK", "pending")}
                    lost = {one.guid: one for one in hook.deliveries if one.guid not in taken}
                    for delivery in lost.values():
                        self.estate.town.github.redeliver(hook, delivery)

    async def _rest(self) -> None:
        """End every run, until nothing new happens and nothing is due, or patience ends."""
        loop = asyncio.get_running_loop()
        begun, calm = loop.time(), 0
        while calm < CALM and self.rest_after < self.plan.patience.total_seconds():
            await asyncio.sleep(LOOK_EVERY)
            self.restless = await self._restless()
            calm = 0 if self.restless else calm + 1
            self.rest_after = loop.time() - begun

    async def _restless(self) -> list[str]:
        """Say what is not at rest yet."""
        ended, undelivered = self.builds.end_all(), self._undelivered()
        found = await asyncio.to_thread(self.rows.unrest)
        return [*["runs"] * ended, *["undelivered"] * undelivered, *found]

    def _undelivered(self) -> bool:
        for room in self.estate.rooms:
            for hook in room.repository.hooks:
                taken = {one.guid for one in hook.deliveries if one.status == "OK"}
                if any(one.guid not in taken for one in hook.deliveries):
                    return True
        return False


async def play(plan: Plan, folder: Path) -> Tally:
    """Play *plan* in *folder*; the bots' log is left there."""
    lot = random.Random(plan.seed)  # noqa: S311 - a repeatable play, not a secret
    async with an_estate(folder, database=plan.database) as estate:
        with _rows(estate.variables["DATABASE_URL"]) as rows:
            playing = Play(plan, estate, rows, lot)
            try:
                return await playing.run()
            finally:
                (folder / "bots.log").write_text("".join(playing.fleet.log), encoding="utf-8")


@contextmanager
def _rows(url: str) -> Iterator[Rows]:
    rows = Rows.of(url)
    try:
        yield rows
    finally:
        rows.close()
