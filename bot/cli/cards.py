"""`smokejumper cards`: a picture of every message, in both apps."""

from pathlib import Path
from typing import Final

import click

from bot.adapters.discord import render as discord
from bot.adapters.slack import render as slack
from bot.cli.painting.discord import discord_html
from bot.cli.painting.page import Drawn, chat_html, page_html
from bot.cli.painting.people import Reader
from bot.cli.painting.photograph import a_page, picture
from bot.cli.painting.samples import NOW, PEOPLE, Sample, samples
from bot.cli.painting.slack import slack_html
from bot.domain.errors import PermanentError
from bot.messages.views import Answer

PHONE: Final = 390  # pixels; what reads well there reads well everywhere
DESK: Final = 680
READER: Final = Reader(now=NOW, names=PEOPLE)


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the pictures; made if it is not there.",
)
@click.option("--phone", is_flag=True, help="As narrow as a phone.")
@click.option("--dark", is_flag=True, help="In the apps' dark themes.")
def command(*, out: Path, phone: bool, dark: bool) -> None:
    """Draw a gallery of every card and message, as PNG."""
    out.mkdir(parents=True, exist_ok=True)
    drawn = 0
    try:
        with a_page(width=PHONE if phone else DESK) as page:
            for sample in samples():
                for chat, html in _pages(sample, dark=dark):
                    picture(page, html, file=out / f"{sample.name}.{chat}.png")
                    drawn += 1
    except PermanentError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{drawn} pictures are in {out}.")


def _pages(sample: Sample, *, dark: bool) -> list[tuple[str, str]]:
    """Return the page of a message for each app."""
    bodies = {"slack": _in_slack(sample), "discord": _in_discord(sample)}
    private = isinstance(sample.shows, Answer)
    return [
        (
            chat,
            page_html(
                title=sample.name,
                body=chat_html(
                    [
                        Drawn(
                            id=sample.name,
                            chat=chat,
                            body=body,
                            at=READER.clock(NOW),
                            private=private,
                        )
                    ],
                    chat=chat,
                    dark=dark,
                ),
            ),
        )
        for chat, body in bodies.items()
    ]


def _in_slack(sample: Sample) -> str:
    view = sample.shows
    if isinstance(view, Answer):
        shown = slack.render_answer(view, now=NOW)
    else:
        shown = slack.render(view, now=NOW)
    return slack_html({"text": shown.text, "blocks": shown.blocks}, READER)


def _in_discord(sample: Sample) -> str:
    view = sample.shows
    message = discord.answer(view) if isinstance(view, Answer) else discord.message(view)
    return discord_html(message, READER)
