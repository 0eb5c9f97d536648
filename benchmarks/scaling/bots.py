"""The bot's processes, and what they cost."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.chaos.rows import Rows
from tests.e2e.bot_process import Bot, serving

TICKS: Final = os.sysconf("SC_CLK_TCK")
PAGE_KB: Final = os.sysconf("SC_PAGE_SIZE") // 1024
CALM: Final = 3  # looks in a row that find nothing to do
LOOK_EVERY: Final = 0.05
ALL: Final = ("web,worker,chat",)


@dataclass(frozen=True, slots=True)
class Bots:
    """Some processes on one database; the first has the web door."""

    each: Sequence[Bot]
    rows: Rows
    started_within: float
    """Seconds from the command to the open door of the slowest."""

    @property
    def door(self) -> str:
        return f"{self.each[0].url}/github"

    def cpu(self) -> float:
        """Return the processor seconds of all so far."""
        return sum(_cpu(bot.process.pid) for bot in self.each)

    def megabytes(self) -> int:
        """Return the resident memory of the largest now."""
        return max(_resident_kb(bot.process.pid) for bot in self.each) // 1024

    def peak_megabytes(self) -> int:
        return max(bot.peak_megabytes for bot in self.each)

    async def rest(self, *, within: float = 300) -> None:
        """Wait until nothing is due."""
        calm = 0
        async with asyncio.timeout(within):
            while calm < CALM:
                await asyncio.sleep(LOOK_EVERY)
                calm = 0 if await asyncio.to_thread(self.rows.unrest) else calm + 1


@asynccontextmanager
async def bots(
    folder: Path, variables: Mapping[str, str], roles: Sequence[str] = ALL
) -> AsyncIterator[Bots]:
    """Run one process for each of *roles* until each hears all that it should."""
    rows = Rows.of(variables["DATABASE_URL"])
    async with AsyncExitStack() as stack:
        stack.callback(rows.close)
        begun = time.monotonic()
        each = []
        for role in roles:
            also = {} if role == ALL[0] else {"SMOKEJUMPER_ROLES": role}
            each.append(await stack.enter_async_context(serving(folder, {**variables, **also})))
        started = time.monotonic() - begun
        for bot in each:
            await bot.ready()
        yield Bots(each, rows, started)


def _cpu(pid: int) -> float:
    # The program's name stands in parentheses and may hold anything.
    numbers = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / TICKS


def _resident_kb(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE_KB
