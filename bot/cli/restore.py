"""`smokejumper restore FILE`: a backup into an empty database of either kind."""

import asyncio
import os
from pathlib import Path

import click

from bot.adapters.storage.backup import restore
from bot.cli.unusable import UnusableError
from bot.config.environment import read_environment
from bot.domain.errors import SmokejumperError


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def command(file: Path) -> None:
    """Fill the empty database at DATABASE_URL from FILE, which `smokejumper backup` wrote.

    This is also the way from SQLite to PostgreSQL. Stop the bot first: what the old database
    does after the backup, the restored one does not know and may do again.
    """
    try:
        if not file.exists():
            msg = f"There is no file {file}."
            raise UnusableError(msg)
        env = read_environment(os.environ, env_file=Path(".env"))
        counts = asyncio.run(restore(env.database_url, file))
    except SmokejumperError as error:
        raise UnusableError(str(error)) from error
    for table, rows in counts.items():
        if rows:
            click.echo(f"{rows:>12,}  {table}")
    click.echo("Restored. `smokejumper serve` goes on from there, and asks GitHub what it missed.")
