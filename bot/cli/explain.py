"""`smokejumper explain`: why a build failed, from its log."""

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from bot.cli.explaining.answers import Answer, Explained, as_json
from bot.cli.explaining.explainer import Explainer
from bot.cli.explaining.terminal import printable
from bot.cli.explaining.view import human
from bot.cli.unusable import UNUSABLE, UnusableError
from bot.diagnosis import RuleError, load_rules


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--json", "in_json", is_flag=True, help="One JSON object a log, one on each line.")
@click.option(
    "--rules",
    "own_rules",
    metavar="FILE",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A file of rules, or a folder of them, beside the built-in ones; may be repeated.",
)
def command(files: Sequence[str], own_rules: Sequence[Path], *, in_json: bool) -> None:
    """Say why builds failed, with the lines that prove it.

    FILE is a log, also as .gz; "-" for standard input; the zip of a run's logs, as GitHub's page
    of the run gives it, with one answer for each job whose log holds an error that ended a step;
    or, with GITHUB_TOKEN set, the address of a run: https://github.com/OWNER/REPO/actions/runs/ID.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a log can hold what this terminal can't show
    try:
        rules = load_rules(own_rules)
    except RuleError as error:
        raise UnusableError(str(error)) from error
    explainer = Explainer(rules=rules, with_context=not in_json)
    show = _as_line if in_json else _for_people
    unread = 0
    for name in files:
        for answer in explainer.answers(name):
            show(answer)
            unread += not isinstance(answer, Explained)
    if unread:
        sys.exit(UNUSABLE)


def _as_line(answer: Answer) -> None:
    click.echo(as_json(answer))


def _for_people(answer: Answer) -> None:
    color = False if os.environ.get("NO_COLOR") else None
    if isinstance(answer, Explained):
        click.echo(f"{human(answer)}\n", color=color)
    else:
        click.echo(f"{printable(answer.file)}: {printable(answer.error)}", err=True, color=color)
