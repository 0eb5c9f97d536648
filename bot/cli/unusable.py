"""What ends a subcommand at once: it was given something that can't be used."""

from typing import Final

import click

from bot.cli.explaining.terminal import printable

UNUSABLE: Final = 2  # exit code, as click's own for arguments that make no sense


class UnusableError(click.ClickException):
    """Told in one sentence, without a word on how the command is called."""

    exit_code = UNUSABLE

    def format_message(self) -> str:
        return printable(self.message)
