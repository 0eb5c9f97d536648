"""`smokejumper health`: is the bot on this machine alive? For a container without curl."""

import os
import sys
import urllib.request
from pathlib import Path

import click

from bot.config.environment import read_environment
from bot.domain.errors import SmokejumperError

TIMEOUT_SECONDS = 3


@click.command()
def command() -> None:
    """Exit 0 if the bot answers on its own address, else 1."""
    try:
        env = read_environment(os.environ, env_file=Path(".env"))
    except SmokejumperError as error:
        raise click.ClickException(str(error)) from error
    host = "127.0.0.1" if env.host in ("0.0.0.0", "::") else env.host  # noqa: S104 - compared, not bound
    url = f"http://{host}:{env.port}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:
            click.echo(answer.read().decode())
    except OSError as error:
        click.echo(f"{url} does not answer: {error}", err=True)
        sys.exit(1)
