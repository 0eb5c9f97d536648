"""`smokejumper rules`: the diagnosis rules with their record, and a trial of new ones."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import click

from bot.adapters.storage.rule_records import Record
from bot.cli.rule_record import records
from bot.cli.rule_trial import test
from bot.cli.unusable import UnusableError
from bot.diagnosis import Rule, RuleError, load_rules

HEADINGS: Final = ("file", "rule", "cause", "retry", "weight", "hits", "retried", "passed")
NUMBERS: Final = HEADINGS[4:]
NOT_KNOWN: Final = "-"


@click.group(invoke_without_command=True)
@click.option("--json", "in_json", is_flag=True, help="One JSON object a rule, one on each line.")
@click.option(
    "--rules",
    "own_rules",
    metavar="FILE",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A file of rules, or a folder of them, beside the built-in ones; may be repeated.",
)
@click.pass_context
def command(ctx: click.Context, own_rules: Sequence[Path], *, in_json: bool) -> None:
    """List the diagnosis rules, in the order in which they win.

    The last columns say what came of them in the past 21 days, where this bot's database can be
    read: how often a rule gave the cause, how often that job was then retried, and passed.
    """
    if ctx.invoked_subcommand:
        return
    try:
        rules = load_rules(own_rules).rules
    except RuleError as error:
        raise UnusableError(str(error)) from error
    known, problem = records()
    rows = [_row(rule, known) for rule in rules]
    if in_json:
        for row in rows:
            click.echo(json.dumps(row))
    else:
        click.echo(_table(rows))
    if problem:
        click.echo(problem, err=True)


command.add_command(test)


def _row(rule: Rule, known: Mapping[str, Record] | None) -> Mapping[str, object]:
    file, _, name = rule.name.partition("/")
    record = None if known is None else known.get(rule.name, Record())
    return {
        "file": f"{file}.toml",
        "rule": name,
        "cause": rule.cause,
        "retry": rule.retry if rule.cause else None,
        "weight": rule.weight,
        "hits": record and record.hits,
        "retried": record and record.retried,
        "passed": record and record.passed,
    }


def _table(rows: Iterable[Mapping[str, object]]) -> str:
    cells = [HEADINGS, *([_cell(row[name]) for name in HEADINGS] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(_line(row, widths) for row in cells)


def _cell(value: object) -> str:
    return NOT_KNOWN if value is None else f"{value}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    aligned = [
        f"{cell:>{width}}" if heading in NUMBERS else f"{cell:<{width}}"
        for heading, cell, width in zip(HEADINGS, cells, widths, strict=True)
    ]
    return "  ".join(aligned).rstrip()
