"""`smokejumper status`: who runs, how everything does, what waits; from the database alone."""

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click
import msgspec

from bot.adapters.storage.store import SqlStore
from bot.cli.asked import require_database
from bot.cli.standing.report import Report
from bot.cli.standing.text import lines
from bot.config.environment import read_environment
from bot.domain.errors import SmokejumperError

BLIND_TIMES: Final = timedelta(days=7)  # how far back they are listed


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
def command(*, as_json: bool) -> None:
    """Say who runs, how everything does and what waits.

    Reads DATABASE_URL alone, beside a running bot or without one. Exits 1 if nothing runs or
    something fails.
    """
    try:
        env = read_environment(os.environ, env_file=Path(".env"))
        require_database(env.database_url)
        report = asyncio.run(_read(env.database_url))
    except SmokejumperError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(report.as_json())).decode())
    else:
        click.echo("\n".join(lines(report)))
    if report.troubles:
        sys.exit(1)


async def _read(url: str) -> Report:
    now = datetime.now(UTC)
    async with SqlStore(url, looks=True) as store, store.read() as tx:
        return Report(
            processes=await tx.processes(),
            overview=await tx.overview(now),
            set_aside=await tx.set_aside_rows(),
            blinds=await tx.blinds(since=now - BLIND_TIMES),
        )
