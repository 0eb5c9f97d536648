"""`smokejumper demo`: the whole bot against stand-ins on this machine."""

import asyncio
import contextlib
import logging
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import click

from bot.cli.logging import log_lines
from bot.cli.stage.page import a_live_page
from bot.cli.stage.people import People
from bot.cli.stage.story import Story, StoryError
from bot.cli.stage.town import SHORT_WAITS, a_town, the_bot
from bot.cli.stage.watching import Watcher

OPENING: Final = """\
Smokejumper plays its main job here: the real bot, with the real clients of Discord, Slack and
GitHub, against stand-ins of those three on this machine. No account is used. The waits before a
retry are shortened from minutes to 2 seconds.
"""
ENDING: Final = """\
All three stories happened. To run it for your own builds: docs/setup.md.
"""


@click.command()
@click.option("--once", is_flag=True, help="Play and exit, also on a terminal.")
def command(*, once: bool) -> None:
    """Play the whole bot on this machine, without any account."""
    log_lines(level=logging.ERROR)
    stay = not once and sys.stdin.isatty() and sys.stdout.isatty()
    try:
        asyncio.run(_play(stay=stay))
    except StoryError as error:
        raise click.ClickException(str(error)) from error
    except (KeyboardInterrupt, EOFError):
        click.echo()


async def _play(*, stay: bool) -> None:
    click.echo(OPENING)
    with tempfile.TemporaryDirectory(prefix="smokejumper-") as folder:
        async with (
            a_town(Path(folder), retry=SHORT_WAITS) as town,
            the_bot(town),
            a_live_page(town) as page,
        ):
            click.echo(f"Both chats, live, with everything that can be pressed: {page}\n")
            people, watcher = People(town, click.echo), Watcher(town, click.echo)
            async with _in_background(watcher):
                await Story(town, people, watcher, click.echo).play()
                click.echo(f"\n{ENDING}")
                if stay:
                    await _choose(people, watcher)


@contextlib.asynccontextmanager
async def _in_background(watcher: Watcher) -> AsyncIterator[None]:
    watching = asyncio.create_task(watcher.watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait([watching])


async def _choose(people: People, watcher: Watcher) -> None:
    """Offer what can be pressed and typed now, until the person has seen enough."""
    while True:
        choices = [*people.choices()]
        for number, choice in enumerate(choices, start=1):
            click.echo(f"  {number}. {choice.label}")
        typed = await asyncio.to_thread(input, "A number, or q to leave: ")
        if typed.strip().lower() in ("q", "quit", "exit"):
            return
        if not typed.strip().isdecimal() or not 0 < int(typed) <= len(choices):
            click.echo(f"Type a number from 1 to {len(choices)}, or q.")
            continue
        await choices[int(typed) - 1].do()
        await watcher.caught_up()
