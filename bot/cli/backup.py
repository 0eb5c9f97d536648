"""`smokejumper backup FILE`: all that is stored at one moment, while the bot runs."""

import asyncio
import os
from pathlib import Path

import click

from bot.adapters.storage.backup import back_up
from bot.cli.asked import require_database
from bot.cli.unusable import UnusableError
from bot.config.environment import read_environment
from bot.domain.errors import SmokejumperError


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def command(file: Path) -> None:
    """Copy the database at DATABASE_URL into a new FILE; the bot may run meanwhile.

    The file is a SQLite database, whichever kind yours is, and `smokejumper restore` takes it.
    Keep it as safe as the database: it holds private repositories' names and what people wrote.
    """
    try:
        if not file.parent.is_dir():
            msg = f"There is no folder {file.parent}."
            raise UnusableError(msg)
        env = read_environment(os.environ, env_file=Path(".env"))
        require_database(env.database_url)
        counts = asyncio.run(back_up(env.database_url, file))
    except SmokejumperError as error:
        raise UnusableError(str(error)) from error
    size = file.stat().st_size / 1_000_000
    click.echo(f"{file}: {sum(counts.values()):,} rows, {size:,.1f} MB.")
