"""Measure durable intake beside Probot and a bare gidgethub-aiohttp app, which store nothing.

    python -m benchmarks.ingest [--seconds 10] [--rounds 5] [--quick] [--without-peers]

Each server has one core and the load generator another. All get the same signed deliveries of
25 kB over 64 connections, in turns; a table cell is the median of the rounds. The peers are
installed into a temporary folder, from lock files. Where the machine does other things meanwhile,
compare "CPU us", the processor time of a request, rather than the rates.
"""

import argparse
import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.ingesting.deliveries import runs
from benchmarks.ingesting.servers import (
    ALONE,
    BARE,
    GENERATORS_CORE,
    NULL,
    PROBOT,
    ROOT,
    SECRET,
    SINGLE,
    WORKING,
    Server,
    on_core,
    ours,
    peers,
    running,
)

DELIVERIES: Final = 2_000  # of which each is sent again and again, under new ids
ACCEPTED: Final = {"200", "202"}
WARM_UP: Final = 2.0  # seconds
AIMS: Final = ((ALONE, 1.3), (WORKING, 1.0))


@dataclass(slots=True)
class Measured:
    """What the rounds of one server told."""

    rates: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    processed: list[float] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--quick", action="store_true", help="one short round: does it run?")
    parser.add_argument("--without-peers", action="store_true")
    options = parser.parse_args(arguments)
    if options.quick:
        options.seconds, options.rounds = 1.0, 1
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix="ingest-") as name:
        folder = Path(name)
        _print_machine(folder)
        bodies = folder / "deliveries"
        bodies.write_bytes(b"\n".join(runs(DELIVERIES, secret=SECRET)))
        servers = [*ours(folder, bodies), *([] if options.without_peers else peers(folder))]
        measured = {server.name: Measured() for server in servers}
        for _ in range(options.rounds):
            for server in servers:
                _round(server, measured[server.name], bodies, options)
    _print_table(measured)
    return 0


def _round(server: Server, measured: Measured, bodies: Path, options: argparse.Namespace) -> None:
    server.forget()
    with running(server) as (port, process):
        before = _cpu_seconds(process)
        told = _load(port, bodies, options)
        spent = _cpu_seconds(process) - before
    if set(told["statuses"]) - ACCEPTED:
        msg = f"{server.name} answered {told['statuses']}"
        raise RuntimeError(msg)
    measured.rates.append(told["requests"] / told["seconds"])
    measured.p50_ms.append(told["p50_ms"])
    measured.p99_ms.append(told["p99_ms"])
    measured.cpu_us.append(1e6 * spent / told["answered"])
    if server.file:
        stored, processed = _rows(server.file)
        if stored < told["answered"]:
            msg = f"{server.name} answered {told['answered']} deliveries and stored {stored}"
            raise RuntimeError(msg)
        measured.processed.append(processed / (options.seconds + WARM_UP))


def _load(port: int, bodies: Path, options: argparse.Namespace) -> Mapping[str, Any]:
    command = [sys.executable, "-m", "benchmarks.ingesting.load", f"{port}"]
    command += ["--bodies", f"{bodies}", "--connections", f"{options.connections}"]
    command += ["--seconds", f"{options.seconds}", "--warm-up", f"{WARM_UP}"]
    with on_core(GENERATORS_CORE):
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own command
    told: Mapping[str, Any] = json.loads(done.stdout)
    return told


def _cpu_seconds(process: int) -> float:
    """Return the processor time of a process so far; 0 where the system does not tell."""
    file = Path(f"/proc/{process}/stat")
    if not file.exists():
        return 0.0
    after_name = file.read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def _rows(file: Path) -> tuple[int, int]:
    """Return how many deliveries a killed server has kept, and how many it had processed."""
    database = sqlite3.connect(file)
    try:
        found = database.execute("SELECT count(*), count(done_at) FROM delivery").fetchone()
    finally:
        database.close()
    return int(found[0]), int(found[1])


def _print_machine(folder: Path) -> None:
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    model = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "")
    print(f"{model or platform.machine()}, {os.cpu_count()} cores, {platform.platform()}")
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    print(f"fdatasync of 64 kB: {_sync_ms(folder):.2f} ms\n")


def _sync_ms(folder: Path) -> float:
    took = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(20):
            file.write(bytes(65_536))
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - start)
    return 1e3 * median(took)


def _print_table(measured: Mapping[str, Measured]) -> None:
    print(f"{'':26}{'req/s':>8}{'p50 ms':>8}{'p99 ms':>8}{'CPU us':>8}{'processed/s':>13}")
    for name, one in measured.items():
        processed = f"{median(one.processed):13,.0f}" if name == WORKING else ""
        cells = (median(one.rates), median(one.p50_ms), median(one.p99_ms), median(one.cpu_us))
        print("{:26}{:8,.0f}{:8.1f}{:8.1f}{:8.0f}".format(name, *cells) + processed)
    print(f"\nThe load generator's own limit is the rate of {NULL}.")
    found = [measured[name] for name in (BARE, PROBOT) if name in measured]
    if found:
        fastest = max(median(peer.rates) for peer in found)
        leanest = min(median(peer.cpu_us) for peer in found)
        for name, aim in AIMS:
            by_rate, cpu_us = median(measured[name].rates) / fastest, median(measured[name].cpu_us)
            by_cpu = f"{leanest / cpu_us:.2f} by CPU" if cpu_us else "CPU not known"
            print(f"{name} / fastest peer: {by_rate:.2f} (aim {aim}; {by_cpu})")
    together = median(measured[ALONE].rates) / median(measured[SINGLE].rates)
    print(f"{ALONE} / {SINGLE}: {together:.1f} (aim 3)")


if __name__ == "__main__":
    sys.exit(main())
