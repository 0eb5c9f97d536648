"""The bot's processes: killed at random instants, and started again at once."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.chaos.estate import Estate
from tests.e2e.bot_process import Bot, process, until

STARTS_WITHIN: Final = 60  # seconds; a start that takes longer is a failure of the bot
LOOK_EVERY: Final = 0.02
MODES: Final = {"at a request": 5.0, "at a moment": 4.0, "while it starts": 1.5}
MOST_REQUESTS: Final = 12
ALL: Final = "web,worker,chat"
LONGEST_LIFE: Final = 3.0  # seconds after its door is open


@dataclass(slots=True)
class Fleet:
    """One process a place; which door GitHub posts to changes with who lives."""

    estate: Estate
    lot: random.Random
    places: Sequence[str] = (ALL,)
    """The roles of the process in each place."""
    kills: int = 0
    log: list[str] = field(default_factory=list)
    _bots: dict[int, Bot] = field(default_factory=dict)
    _door: Bot | None = None
    _requests: int = 0
    _victim: Bot | None = None

    def __post_init__(self) -> None:
        """Count every request that a far side has carried out and not yet answered."""
        town = self.estate.town
        for side in (town.github, town.slack, town.discord):
            side.observe(lambda _: self._asked())

    async def run(self) -> None:
        """Keep every process running until cancelled."""
        async with asyncio.TaskGroup() as group:
            for place, roles in enumerate(self.places):
                group.create_task(self._keep(place, roles))

    async def kill_one(self) -> None:
        """Kill a process: while it starts, at a moment, or when a far side has just acted."""
        place = self.lot.randrange(len(self.places))
        (mode,) = self.lot.choices(list(MODES), list(MODES.values()))
        await self._there(place, serving=mode != "while it starts")
        victim = self._bots[place]
        match mode:
            case "at a request":
                self._requests = self.lot.randint(1, MOST_REQUESTS)
                self._victim = victim
                await self._ended(victim, within=2 * LONGEST_LIFE)
                self._victim = None
            case "at a moment":
                await asyncio.sleep(self.lot.uniform(0, LONGEST_LIFE))
            case _:
                await asyncio.sleep(self.lot.uniform(0.05, 1.5))
        if victim.process.returncode is None:
            victim.process.kill()
            await victim.process.wait()
        self.kills += 1

    async def all_serve(self) -> None:
        for place in range(len(self.places)):
            await self._there(place, serving=True)

    def _asked(self) -> None:
        if self._victim is None:
            return
        self._requests -= 1
        if self._requests <= 0 and self._victim.process.returncode is None:
            self._victim.process.kill()

    async def _keep(self, place: int, roles: str) -> None:
        variables = self.estate.variables | ({} if roles == ALL else {"SMOKEJUMPER_ROLES": roles})
        while True:
            async with process(self.estate.folder, variables) as bot:
                self._bots[place] = bot
                try:
                    await self._watch(bot, has_door="web" in roles)
                finally:
                    self.log += [f"--- {roles}, process {bot.process.pid}\n", *bot.lines]

    async def _watch(self, bot: Bot, *, has_door: bool) -> None:
        while bot.process.returncode is None:
            if (
                has_door
                and bot.url
                and (self._door is None or self._door.process.returncode is not None)
            ):
                self._door = bot
                self.estate.deliver_to(bot)
            await asyncio.sleep(LOOK_EVERY)

    async def _there(self, place: int, *, serving: bool) -> None:
        def alive() -> bool:
            bot = self._bots.get(place)
            return bool(bot and bot.process.returncode is None and (bot.url or not serving))

        await until(alive, within=STARTS_WITHIN)

    @staticmethod
    async def _ended(bot: Bot, *, within: float) -> None:
        try:
            async with asyncio.timeout(within):
                await bot.process.wait()
        except TimeoutError:
            return
