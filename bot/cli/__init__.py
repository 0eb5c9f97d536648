"""The command line; one module a subcommand, imported when it is called."""

import importlib
from typing import Final

import click

from bot import __version__

# Name -> module, one-line help. The help stands here so that listing imports nothing.
SUBCOMMANDS: Final = {
    "serve": ("bot.cli.serve", "Run the bot: hear GitHub, post to Slack and Discord."),
    "demo": ("bot.cli.demo", "Play the whole bot on this machine, without any account."),
    "explain": ("bot.cli.explain", "Say why a build failed, from its log. Needs no account."),
    "rules": ("bot.cli.rules", "List the diagnosis rules, or try one on a log."),
    "test-alert": ("bot.cli.test_alert", "Check tokens, scopes, channels; post a sample card."),
    "cards": ("bot.cli.cards", "Draw a picture of every card and message; needs Chromium."),
    "status": ("bot.cli.status", "Say who runs, how everything does, and what waits."),
    "deliveries": ("bot.cli.deliveries", "List, show or replay what GitHub delivered."),
    "backup": ("bot.cli.backup", "Copy all that is stored into one file, while the bot runs."),
    "restore": ("bot.cli.restore", "Fill an empty database from a backup."),
    "settings": ("bot.cli.settings", "Print the reference of all settings."),
    "health": ("bot.cli.health", "Ask a running bot whether it is alive; for containers."),
}


class LazyGroup(click.Group):
    """Imports a subcommand's module only when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return [*SUBCOMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in SUBCOMMANDS:
            return None
        module, _ = SUBCOMMANDS[cmd_name]
        command = importlib.import_module(module).command
        assert isinstance(command, click.Command)  # noqa: S101 - a module without one is our mistake
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in SUBCOMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="The first responder for broken builds.",
)
@click.version_option(__version__, prog_name="smokejumper")
def main() -> None:
    """Dispatch to a subcommand."""
