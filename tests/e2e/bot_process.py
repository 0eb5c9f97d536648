"""`smokejumper serve` as a process of its own, as an operator runs it."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar

import aiohttp

import bot

T = TypeVar("T")

ROOT = Path(bot.__file__).parents[1]
INHERITED = ("PATH", "HOME", "XDG_CACHE_HOME")  # the compiled rules are cached there
SERVING = re.compile(r"event=serving url=(\S+)")
PATIENCE = 60  # seconds; only a failure waits so long
STARTS_WITHIN = 90  # seconds; the first start of all compiles the rules
STOPS_WITHIN = 20  # seconds, as promised


async def until(happened: Callable[[], T | None], *, within: float = PATIENCE) -> T:
    """Wait for what only shows when one looks; return what was seen."""
    async with asyncio.timeout(within):
        while not (seen := happened()):  # noqa: ASYNC110 - another process has no event for us
            await asyncio.sleep(0.02)
    return seen


@dataclass
class Bot:
    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def log(self) -> str:
        return "".join(self.lines)

    @property
    def peak_megabytes(self) -> int:
        """The most memory that it ever had."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found
        return int(found[1]) // 1024

    async def listen(self) -> None:
        """Gather what it says, until it ends."""
        assert self.process.stderr
        async for line in self.process.stderr:
            self.lines.append(line.decode())
            if found := SERVING.search(self.lines[-1]):
                self.url = found[1]

    async def says(self, words: str) -> None:
        await until(lambda: words in self.log)

    async def ready(self) -> None:
        """Wait until nothing that it depends on is amiss: it hears all that it should."""
        async with aiohttp.ClientSession() as session, asyncio.timeout(PATIENCE):
            while await self._amiss(session):  # noqa: ASYNC110 - it is a probe
                await asyncio.sleep(0.02)

    async def _amiss(self, session: aiohttp.ClientSession) -> bool:
        answer = await session.get(f"{self.url}/readyz")
        state = await answer.json()
        return answer.status != HTTPStatus.OK or bool(state["degraded"])

    async def stop(self) -> int:
        """Ask it to end, as a container does; return how it ended."""
        self.process.terminate()
        async with asyncio.timeout(STOPS_WITHIN):
            return await self.process.wait()

    async def crash(self) -> None:
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def process(folder: Path, variables: Mapping[str, str]) -> AsyncIterator[Bot]:
    """Run `serve` in *folder*; at the end it may run on or have ended."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "serve"),
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT), **variables},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    running = Bot(started)
    listening = asyncio.create_task(running.listen())
    try:
        yield running
    finally:
        if started.returncode is None:
            await _end(running)
        await listening


async def _end(running: Bot) -> None:
    try:
        await running.stop()
    except TimeoutError:
        await running.crash()
        raise


@asynccontextmanager
async def serving(folder: Path, variables: Mapping[str, str]) -> AsyncIterator[Bot]:
    """Run `serve` and go on once its door is open; it must never break by itself."""
    async with process(folder, variables) as running:
        await until(
            lambda: running.url or running.process.returncode is not None, within=STARTS_WITHIN
        )
        assert running.url, running.log
        yield running
    assert "Traceback" not in running.log, running.log


async def refused(folder: Path, variables: Mapping[str, str]) -> str:
    """Run `serve` where it must not start; return what it says."""
    async with process(folder, variables) as running, asyncio.timeout(PATIENCE):
        assert await running.process.wait() == 1
    return running.log
