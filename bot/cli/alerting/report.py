"""One line a finding, on the terminal."""

import click

from bot.cli.explaining.terminal import printable
from bot.ports.finding import Finding


class Report:
    """Prints findings as they come, and remembers whether any was bad."""

    def __init__(self) -> None:
        self.wrong = 0

    def tell(self, *findings: Finding) -> None:
        for finding in findings:
            self.wrong += not finding.ok
            click.echo(_line(finding))


def _line(finding: Finding) -> str:
    text = printable(" ".join(finding.text.split()))
    if finding.ok:
        return f"{click.style('ok', fg='green')}       {text}"
    return f"{click.style('problem', fg='red', bold=True)}  {text}"
