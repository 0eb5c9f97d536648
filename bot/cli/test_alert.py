"""`smokejumper test-alert`: would `serve` work as it is set up? One line a finding."""

import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from bot.adapters.clock import SystemClock
from bot.cli.alerting import checks
from bot.cli.alerting.report import Report
from bot.cli.alerting.samples import post_samples
from bot.cli.logging import log_lines
from bot.config.environment import Environment, read_environment
from bot.config.loading import read_settings
from bot.domain.errors import SmokejumperError
from bot.domain.person import Platform
from bot.domain.subscription import Place, Subscription


@click.command()
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path),
    default="settings.toml",
    show_default=True,
    help="What is heard, who may do what.",
)
def command(settings_file: Path) -> None:
    """Check tokens, scopes and channels; post a sample card into each channel that is fine."""
    log_lines(level=logging.CRITICAL)  # what goes wrong is a finding, said once and in plain words
    try:
        env = read_environment(os.environ, env_file=Path(".env"))
        settings = read_settings(settings_file)
    except SmokejumperError as error:
        raise click.ClickException(str(error)) from error
    report = Report()
    hooked = settings.github.intake != "poll"
    asyncio.run(look(env, settings.subscribed(), report, hooked=hooked))
    if report.wrong:
        sys.exit(1)


async def look(
    env: Environment, subscriptions: Sequence[Subscription], report: Report, *, hooked: bool = True
) -> None:
    """Tell of everything that `serve` needs; what is wrong in one place stops no other.

    Args:
        env: Secrets and addresses.
        subscriptions: Whose channels are looked at.
        report: Where it is told.
        hooked: GitHub delivers to us, rather than that we ask it alone.
    """
    clock = SystemClock()
    report.tell(*checks.missing(env, subscriptions, hooked=hooked))
    report.tell(*await checks.github(env, subscriptions, clock))
    places: list[Place] = []
    for platform, used in ((Platform.SLACK, env.uses_slack), (Platform.DISCORD, env.uses_discord)):
        if not used:
            continue
        channels = checks.channels_of(platform, subscriptions)
        found = await checks.chat(platform, env, channels)
        report.tell(*found)
        fine = checks.fine(channels, found)
        places += [Place(platform=platform, channel=channel) for channel in fine]
    await post_samples(env, places, clock, report)
