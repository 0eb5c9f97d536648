"""The servers that are measured, ours and the peers, and how one is run."""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PEERS: Final = ROOT / "benchmarks" / "peers"
SECRET: Final = "made up for a benchmark"  # noqa: S105 - it guards nothing
SERVERS_CORE, GENERATORS_CORE = 0, 1

ALONE: Final = "ours, intake alone"
WORKING: Final = "ours, at work meanwhile"
SINGLE: Final = "ours, a commit each"
BARE: Final = "gidgethub-aiohttp"
PROBOT: Final = "Probot"
NULL: Final = "(reads and answers)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    name: str
    command: Sequence[str]
    folder: Path = ROOT
    file: Path | None = None
    """Its database."""

    def forget(self) -> None:
        """Begin with an empty database."""
        if self.file:
            for old in self.file.parent.glob(f"{self.file.name}*"):
                old.unlink()


def ours(folder: Path, bodies: Path) -> Iterator[Server]:
    for name, mode in ((ALONE, "alone"), (WORKING, "working"), (SINGLE, "single")):
        file = folder / f"{mode}.db"
        module = [sys.executable, "-m", "benchmarks.peers.ours", mode, f"{file}", f"{bodies}"]
        yield Server(name=name, command=module, file=file)
    yield Server(name=NULL, command=[sys.executable, f"{PEERS / 'null.py'}"])


def peers(folder: Path) -> Iterator[Server]:
    """Install the peers into *folder* as the lock files beside them say."""
    venv.create(folder / "bare", with_pip=True)
    python = f"{folder / 'bare' / 'bin' / 'python'}"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    lock = ["--require-hashes", "--no-deps", "-r", f"{ROOT / 'locks' / 'bench.txt'}"]
    _install([*pip, *lock], ROOT)
    yield Server(name=BARE, command=[python, f"{PEERS / 'bare.py'}"])
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        print("Probot is left out: there is no node, or no npm.")
        return
    probot = folder / "probot"
    shutil.copytree(PEERS / "probot", probot)
    _install([npm, "ci", "--no-audit", "--no-fund", "--silent"], probot)
    yield Server(name=PROBOT, command=[node, "app.js"], folder=probot)


def _install(command: Sequence[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True)  # noqa: S603 - our own command


@contextmanager
def running(server: Server) -> Iterator[tuple[int, int]]:
    """Run a server and yield its port and process id; at the end it is killed, as by a crash."""
    with on_core(SERVERS_CORE):
        process = subprocess.Popen(  # noqa: S603 - our own command
            server.command,
            cwd=server.folder,
            env={**os.environ, "SECRET": SECRET},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    with process:
        assert process.stdout  # noqa: S101 - it is a pipe
        try:
            line = process.stdout.readline()
            if not line:
                msg = f"{server.name} does not start: {' '.join(server.command)}"
                raise RuntimeError(msg)
            yield int(line), process.pid
        finally:
            process.kill()


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Keep the processes that are begun here on one core, where the system lets us."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    all_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(all_cores)[core % len(all_cores)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_cores)
