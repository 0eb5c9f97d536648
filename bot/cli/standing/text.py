"""The words of `smokejumper status`."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from bot.cli.explaining.terminal import printable
from bot.cli.standing.report import Report
from bot.messages.card import duration
from bot.messages.text import count_of
from bot.ports.hearing import Blind
from bot.ports.running import Budget
from bot.services.blindness import HOOK, LIFE
from bot.services.polling import POLLED

SOURCES: Final = {LIFE: "the bot did not run", POLLED: "GitHub did not answer"}
ID_CHARS: Final = 8  # enough to tell a handful of processes apart


def lines(report: Report) -> Iterator[str]:
    """Yield what the operator reads: what is wrong first."""
    yield from (f"WRONG: {printable(trouble)}" for trouble in report.troubles)
    if not report.troubles:
        yield "All is well."
    for title, rows in (
        ("Processes", _processes(report)),
        ("Depends on", _dependencies(report)),
        ("To be done", _waiting(report)),
        ("Set aside, since it broke us again and again", _set_aside(report)),
        ("Requests left", _budgets(report)),
        ("Heard nothing", [_blind(one) for one in report.blinds]),
        ("Counts", [*_counts(report)]),
    ):
        if rows:
            yield ""
            yield f"{title}:"
            yield from _aligned(rows)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows with their cells below each other; the last cell may be of any length."""
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield printable(f"  {'  '.join([*cells, row[-1]])}".rstrip())


def _processes(report: Report) -> list[list[str]]:
    now = report.overview.now
    return [
        [
            one.id[:ID_CHARS],
            ",".join(one.roles),
            one.version,
            f"{one.host} ({one.pid})",
            f"up {duration(one.started_at, now)}",
            f"seen {duration(one.seen_at, now)} ago",
            "" if one in report.alive else "silent, will be buried",
            "leads" if report.leads(one) else "",
        ]
        for one in report.processes
    ]


def _dependencies(report: Report) -> list[list[str]]:
    return [
        [one.id[:ID_CHARS], name, "ok" if finding.ok else "FAILS", finding.text]
        for one in report.alive
        for name, finding in one.standing.items()
    ]


def _waiting(report: Report) -> list[list[str]]:
    return [
        [
            one.kind,
            f"{one.due} due",
            f"{one.later} later",
            f"{one.set_aside} set aside" if one.set_aside else "",
            f"the oldest for {duration(one.oldest, report.overview.now)}" if one.oldest else "",
        ]
        for one in report.overview.waiting
    ]


def _set_aside(report: Report) -> list[list[str]]:
    return [[one.kind, one.id, _moment(one.set_aside_at), one.error] for one in report.set_aside]


def _budgets(report: Report) -> list[list[str]]:
    return [
        [name, _left(budget), f"until {_moment(budget.resets_at)}" if budget.resets_at else ""]
        for name, budget in report.overview.budgets.items()
        if budget.remaining is not None
    ]


def _left(budget: Budget) -> str:
    of = f" of {budget.total}" if budget.total else ""
    return f"{budget.remaining}{of}"


def _blind(blind: Blind) -> list[str]:
    until = _moment(blind.until) if blind.until else "now"
    found = f"{count_of(blind.runs, 'run')} recovered, {count_of(blind.failures, 'failure')}"
    if not blind.said_at:
        found = "being found out" if blind.until else "goes on"
    return [_source(blind.source), f"{_moment(blind.since)} to {until}", found]


def _source(source: str) -> str:
    if source.startswith(HOOK):
        hook = source.removeprefix(HOOK)
        return "the App's webhook" if hook == "app" else f"the webhook {hook}"
    return SOURCES.get(source, source)


def _counts(report: Report) -> Iterator[list[str]]:
    overview = report.overview
    newest = overview.newest_delivery
    age = f"{duration(newest, overview.now)} ago" if newest else "never"
    yield ["newest delivery", age]
    hint = " (smokejumper deliveries shows them)" if overview.deliveries_set_aside else ""
    yield ["deliveries set aside", f"{overview.deliveries_set_aside}{hint}"]
    unknown = overview.unconfirmed_incidents
    of_those = f", {unknown} of them unknown since GitHub does not answer" if unknown else ""
    yield ["open incidents", f"{overview.open_incidents}{of_those}"]


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")
