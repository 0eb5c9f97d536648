"""`smokejumper rules test`: do rules know the lines they should, and what do they find in a log?"""

import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import click

from bot.cli.explaining.lines import LINE_BYTES, lines_of, without_stamp
from bot.cli.explaining.logs import Log, logs_in, opened
from bot.cli.explaining.terminal import printable
from bot.cli.rule_probe import Probe
from bot.cli.unusable import UNUSABLE, UnusableError
from bot.diagnosis import Rule, RuleError, redact
from bot.diagnosis.loading import read_rules, sorted_rules
from bot.diagnosis.patterns import PatternError
from bot.domain.errors import SmokejumperError

WRONG: Final = 1
LINES_AT_ONCE: Final = 2_000
SHOWN: Final = 100  # lines of each rule and log

Found = dict[str, list[tuple[int, bytes]]]


@click.command("test")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("logs", metavar="[LOG]...", nargs=-1)
@click.option("--rule", "only", metavar="NAME", help="Only this rule of the file.")
def test(file: Path, logs: Sequence[str], only: str | None) -> None:
    """Try the rules of FILE on their own test lines, and on logs.

    Exits with 1 where a test line fails, with 2 where a rule is broken or a log can't be read.
    """
    try:
        rules = _chosen(sorted_rules(read_rules(file)), only)
        probes = [Probe(rule) for rule in rules]
    except (RuleError, PatternError) as error:
        raise UnusableError(str(error)) from error
    problems = [problem for probe in probes for problem in probe.problems()]
    for problem in problems:
        click.echo(printable(problem))
    lines = sum(len(rule.matches) + len(rule.misses) for rule in rules)
    click.echo(f"{lines - len(problems)} of {lines} test lines are taken as they should be.")
    unread = [name for name in logs if not _try(name, probes)]
    sys.exit(UNUSABLE if unread else WRONG if problems else 0)


def _chosen(rules: Sequence[Rule], only: str | None) -> Sequence[Rule]:
    if only is None:
        return rules
    found = [rule for rule in rules if only in (rule.name, rule.name.partition("/")[2])]
    if not found:
        msg = f"There is no rule {only!r} in it, but {', '.join(rule.name for rule in rules)}."
        raise RuleError(msg)
    return found


def _try(name: str, probes: Sequence[Probe]) -> bool:
    """Show what the rules know in one file; False where it can't be read."""
    try:
        with opened(name) as file:
            tried = [(log.name, _found(log, probes)) for log in logs_in(file, name)]
    except (SmokejumperError, OSError) as error:
        click.echo(f"{printable(name)}: {printable(str(error))}", err=True)
        return False
    for log, found in tried:
        _show(log, found)
    return True


def _found(log: Log, probes: Sequence[Probe]) -> Found:
    found: Found = {probe.rule.name: [] for probe in probes}
    for first, lines in _batches(lines_of(log.blocks())):
        for probe in probes:
            found[probe.rule.name] += [
                (first + at, lines[at][:LINE_BYTES]) for at in probe.known(lines)
            ]
    return found


def _batches(lines: Iterator[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """Yield some lines at a time with the number of the first."""
    number = 1
    while batch := list(islice(lines, LINES_AT_ONCE)):
        yield number, batch
        number += len(batch)


def _show(log: str, found: Found) -> None:
    click.secho(printable(log), bold=True)
    for rule, lines in found.items():
        click.echo(f"  {rule} knows {len(lines)} {'line' if len(lines) == 1 else 'lines'}")
        for number, line in lines[:SHOWN]:
            click.echo(f"    {number:>7}  {_text(line)}")
        if len(lines) > SHOWN:
            click.echo(f"    and {len(lines) - SHOWN} more")


def _text(line: bytes) -> str:
    text, _ = redact(click.unstyle(without_stamp(line).decode("utf-8", "replace")).rstrip())
    return printable(text)
