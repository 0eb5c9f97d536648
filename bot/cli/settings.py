"""`smokejumper settings`: the reference of all settings, as Markdown."""

import click

from bot.config.reference import reference


@click.command()
def command() -> None:
    """Print the reference of all settings."""
    click.echo(reference(), nl=False)
