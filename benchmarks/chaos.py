"""Kill the bot at random instants while builds, people and faults go on, and count what is wrong.

    python -m benchmarks.chaos [--seed N] [--kills N] [--database sqlite|postgres] [--workers N]

The whole bot runs as processes with its real clients against the stand-ins of GitHub, Slack and
Discord. Ends with 1 unless nothing was lost, doubled or left wrong.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from tests.chaos.fleet import ALL
from tests.chaos.oracle import COUNTED, WRONG, Tally
from tests.chaos.play import Plan, play
from tests.postgres import a_postgres

FINDINGS = 40  # printed; the rest are of the same kind


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=0, help="0: one from the clock")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--workers", type=int, default=0, help="0: one process with all roles")
    parser.add_argument("--keep", type=Path, help="a folder for the database and the bots' log")
    parser.add_argument("--patience", type=float, default=900, help="seconds until all is quiet")
    parser.add_argument("--bot-reconciles", action="store_true", help="nobody else redelivers")
    options = parser.parse_args(arguments)
    # A client that was killed in the middle of its request is no mistake of the stand-ins.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    if options.workers and options.database == "sqlite":
        parser.error("several processes need --database postgres")
    spread = ("web", *["worker", "chat"] * options.workers)
    places = spread if options.workers else (ALL,)
    with _database(options.database) as url, _folder(options.keep) as folder:
        plan = Plan(
            seed=options.seed or time.time_ns() % 1_000_000,
            kills=options.kills,
            database=url,
            places=places,
            redelivers=not options.bot_reconciles,
            patience=timedelta(seconds=options.patience),
        )
        print(f"seed {plan.seed}, {options.database}, {len(places)} processes", flush=True)
        tally = asyncio.run(play(plan, folder))
    _print(tally)
    return 1 if tally.wrong else 0


@contextmanager
def _database(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        yield ""
        return
    with a_postgres() as server:
        yield server.create()


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


def _print(tally: Tally) -> None:
    for name in COUNTED:
        if name == WRONG[0]:
            print("-- to be zero:")
        print(f"{name.replace('_', ' '):24}{getattr(tally, name):8}")
    for finding in tally.findings[:FINDINGS]:
        print(f"   {finding}")


if __name__ == "__main__":
    sys.exit(main())
