"""`smokejumper serve`: the bot, from `.env` and `settings.toml`."""

import asyncio
import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import click
import uvloop

from bot.app.policies import policies_of
from bot.app.serving import serve
from bot.cli.logging import log_lines
from bot.config.environment import Environment, read_environment
from bot.config.loading import read_settings
from bot.config.settings import Settings
from bot.config.values import Role
from bot.domain.errors import SmokejumperError


@click.command()
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path),
    default="settings.toml",
    show_default=True,
    help="What is heard, who may do what.",
)
@click.option(
    "--roles",
    metavar="ROLES",
    help='What this process does, of "web,worker,chat"; all if not said. On PostgreSQL alone may '
    'it be less than all; see "Several processes" in docs/setup.md.',
)
def command(settings_file: Path, roles: str | None) -> None:
    """Hear GitHub, post to Slack and Discord, until SIGTERM."""
    log_lines()
    told = {"SMOKEJUMPER_ROLES": roles} if roles else {}
    try:
        env = read_environment({**os.environ, **told}, env_file=Path(".env"))
        settings = read_settings(settings_file)
        hooked = settings.github.intake != "poll"
        if problems := [*env.missing(hooked=hooked), *_deaf(env, settings)]:
            raise click.ClickException("\n".join(problems))
        # A sixth less of the processor than asyncio's own loop, where deliveries pour in.
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_stopped(env, settings))
        logging.shutdown()
        # A request that hangs in a thread would keep the interpreter from its end.
        os._exit(0)
    except SmokejumperError as error:
        raise click.ClickException(str(error)) from error


async def _until_stopped(env: Environment, settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    await serve(env, policies_of(settings), stop=stop)


def _deaf(env: Environment, settings: Settings) -> Iterator[str]:
    """Say where nobody would be told, or a subscription's platform has no token."""
    if not settings.subscriptions and env.serves(Role.WORKER, Role.CHAT):
        yield "settings.toml has no [[subscriptions]], so nobody would hear anything. Add one."
    for number, one in enumerate(settings.subscriptions, start=1):
        has_token = env.uses_slack if one.platform == "slack" else env.uses_discord
        if not has_token and env.serves(Role.CHAT):
            token = f"{one.platform.upper()}_BOT_TOKEN"
            which = f"settings.toml: [[subscriptions]] number {number} is for {one.platform}"
            yield f"{which}, but {token} is not set."
