"""Measure the whole bot: from intake to post, what a delivery costs, how it grows.

    python -m benchmarks.scale [--quick]

It runs as processes, with its real clients, against the stand-ins in this one. On one core more
than the bot's own work would be measured, so have two.
"""

import argparse
import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

import aiohttp

from benchmarks.scaling.bots import ALL, Bots, bots
from benchmarks.scaling.filling import fill
from benchmarks.scaling.sides import LOG, Door, Sides, post, post_all, quantile, until
from bot.adapters.storage.store import SqlStore
from tests.chaos.estate import an_estate
from tests.postgres import Postgres, a_postgres

SPREAD: Final = ("web", "worker", "chat")
LATENCY: Final = timedelta(milliseconds=100)
IDLE: Final = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured; the quick one only shows that it works."""

    samples: int = 100
    quiet: int = 3_000
    failures: int = 60
    storm: int = 500
    stored: tuple[int, ...] = (1_000, 100_000, 1_000_000)
    workers: tuple[int, ...] = (1, 2, 4)
    throughput: int = 240


QUICK: Final = Size(
    samples=10,
    quiet=200,
    failures=10,
    storm=40,
    stored=(1_000, 10_000),
    workers=(1, 2),
    throughput=20,
)


@dataclass(frozen=True, slots=True)
class Stage:
    """A bot at work among as many rooms as are needed."""

    sides: Sides
    bots: Bots

    @property
    def door(self) -> Door:
        return Door(self.bots.door, self.sides.estate.variables["GITHUB_WEBHOOK_SECRET"])

    async def deliver(self, deliveries: Sequence[tuple[str, bytes]]) -> None:
        await post_all(self.door, deliveries)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small numbers, to see that it works")
    parser.add_argument("--only", help="the parts whose name holds this")
    options = parser.parse_args(arguments)
    size = QUICK if options.quick else Size()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{'what':58}{'measured':>12}  aim")
    asyncio.run(_measure(size, options.only or ""))
    return 0


async def _measure(size: Size, only: str) -> None:
    for name, part in PARTS.items():
        if only in name:
            await part(size)


def _row(what: str, value: float, unit: str, aim: str = "") -> None:
    print(f"{what:58}{value:9.1f} {unit:3} {aim}", flush=True)


@asynccontextmanager
async def _stage(
    rooms: int, *, database: str = "", roles: Sequence[str] = ALL, stored: int = 0
) -> AsyncIterator[Stage]:
    names = [f"acme/r{number}" for number in range(rooms)]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        async with an_estate(folder, database=database, repositories=names) as estate:
            url = estate.variables["DATABASE_URL"]
            if stored:
                async with SqlStore(url):
                    pass  # it makes the schema
                fill(url, runs=stored, rooms=estate.rooms)
            async with bots(folder, estate.variables, roles) as running:
                yield Stage(Sides(estate), running)


async def start_up(size: Size) -> None:
    """How long it takes to open the door, and what it weighs then and in a storm."""
    async with _stage(20) as stage:
        _row("start-up: from the command to the open door", stage.bots.started_within, "s")
        before = stage.bots.cpu()
        await asyncio.sleep(IDLE)
        _row("at rest: memory", stage.bots.megabytes(), "MB")
        _row("at rest: processor", (stage.bots.cpu() - before) / IDLE * 100, "%")
        rooms = stage.sides.estate.rooms
        failed = [
            delivery
            for number in range(size.storm)
            for delivery in stage.sides.failed(rooms[number % 20], workflow=f"W{number}")
        ]
        await stage.deliver(failed)
        await asyncio.sleep(IDLE)
        _row(f"in a storm of {size.storm} failures: most memory", stage.bots.peak_megabytes(), "MB")


async def to_post(size: Size) -> None:
    """From the 202 to the post, one delivery at a time, each in a room of its own."""
    await _to_post(size, "embedded, SQLite", aim="20 ms at p50")
    with a_postgres(durable=True) as server:
        spread = f"PostgreSQL, {' + '.join(SPREAD)}"
        await _to_post(size, spread, database=server.create(), roles=SPREAD, aim="40 ms at p50")


async def _to_post(
    size: Size, what: str, *, aim: str, database: str = "", roles: Sequence[str] = ALL
) -> None:
    async with _stage(size.samples + 3, database=database, roles=roles) as stage:
        taken: dict[str, list[float]] = {"Slack": [], "Discord": []}
        async with aiohttp.ClientSession() as session:
            for number, room in enumerate(stage.sides.estate.rooms):
                (delivery,) = stage.sides.failed(room)
                at = await post(session, stage.door, delivery)
                ids = {"Slack": room.slack.id, "Discord": str(room.discord.id)}
                await until(partial(_all_in, ids.values(), stage.sides.posted))
                await asyncio.sleep(0.3)  # what follows a card is not what is measured here
                if number >= 3:  # noqa: PLR2004 - the first log in and open connections
                    for chat, channel in ids.items():
                        taken[chat].append((stage.sides.posted[channel] - at) * 1_000)
        for chat, times in taken.items():
            ordered = sorted(times)
            _row(f"202 to post, {what}, {chat}: p50", quantile(ordered, 0.5), "ms", aim)
            _row(f"202 to post, {what}, {chat}: p99", quantile(ordered, 0.99), "ms")


def _all_in(wanted: Iterable[str], found: Mapping[str, float]) -> bool:
    return all(one in found for one in wanted)


async def cost(size: Size) -> None:
    """Processor time of a delivery, until all that follows from it is done."""
    async with _stage(size.failures) as stage:
        rooms = stage.sides.estate.rooms
        runs = [stage.sides.start(room) for room in rooms[:20]]
        quiet = [one for run in runs for one in stage.sides.of_no_interest(run)]
        many = [quiet[number % len(quiet)] for number in range(size.quiet)]
        each = await _cost(stage, many)
        _row("processor, a delivery that changes nothing", each, "ms", "2 ms")
        failed = [delivery for room in rooms for delivery in stage.sides.failed(room)]
        each = await _cost(stage, failed)
        what = f"processor, a failed run, two cards, a log of {len(LOG) / 1_000:.1f} kB"
        _row(what, each, "ms", "40 ms")


async def _cost(stage: Stage, deliveries: Sequence[tuple[str, bytes]]) -> float:
    """Return milliseconds a delivery, without what the bot does when it does nothing."""
    before, begun = stage.bots.cpu(), time.monotonic()
    await stage.deliver(deliveries)
    await stage.bots.rest()
    spent, lasted = stage.bots.cpu() - before, time.monotonic() - begun
    before = stage.bots.cpu()
    await asyncio.sleep(IDLE)
    idle = (stage.bots.cpu() - before) / IDLE
    return (spent - idle * lasted) / len(deliveries) * 1_000


async def history(size: Size) -> None:
    """What a delivery costs with few and with very many runs stored."""
    first = 0.0
    for stored in size.stored:
        async with _stage(20, stored=stored) as stage:
            rooms = stage.sides.estate.rooms
            await _cost(stage, [d for room in rooms for d in stage.sides.green(room)])
            each = await _cost(
                stage, [d for _ in range(15) for room in rooms for d in stage.sides.green(room)]
            )
        first = first or each
        share = f"{each / first:.2f} times the first; aim: at most 1.2"
        _row(f"processor, a green run with {stored} runs stored", each, "ms", share)


async def growth(size: Size) -> None:
    """Failed runs a second with more workers, when GitHub takes 100 ms for each answer."""
    with a_postgres(durable=True) as server:
        first = 0.0
        for workers in size.workers:
            rate = await _growth(size, server, workers)
            first = first or rate
            share = f"{rate / first:.2f} times one; aim: 3.5 times at 4"
            _row(f"failed runs a second, PostgreSQL, {workers} workers", rate, "/s", share)


async def _growth(size: Size, server: Postgres, workers: int) -> float:
    """Return how many diagnoses a second all workers make of what waits for them."""
    roles = ("web", *["worker"] * workers)
    async with _stage(20, database=server.create(), roles=roles) as stage:
        rooms = stage.sides.estate.rooms
        stage.sides.estate.town.github.delay_next("*", "*", LATENCY, times=1_000_000)
        failed = [
            delivery
            for number in range(size.throughput)
            for delivery in stage.sides.failed(rooms[number % 20], workflow=f"W{number}")
        ]
        begun = time.monotonic()
        await stage.deliver(failed)
        rows = stage.bots.rows
        while await asyncio.to_thread(rows.diagnosed) < size.throughput:  # noqa: ASYNC110 - rows have no event
            await asyncio.sleep(0.05)
        return size.throughput / (time.monotonic() - begun)


PARTS: Final = {
    "start-up": start_up,
    "to-post": to_post,
    "cost": cost,
    "history": history,
    "growth": growth,
}


if __name__ == "__main__":
    sys.exit(main())
