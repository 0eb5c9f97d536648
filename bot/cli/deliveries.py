"""`smokejumper deliveries`: what was set aside and what waits; one of them whole; again."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

import click

from bot.adapters.clock import SystemClock
from bot.adapters.storage.delivery_records import DeliveryRecord
from bot.adapters.storage.store import SqlStore
from bot.cli.asked import require_database
from bot.cli.explaining.terminal import printable
from bot.cli.unusable import UnusableError
from bot.config.environment import read_environment
from bot.domain.errors import SmokejumperError
from bot.domain.ids import DeliveryId

T = TypeVar("T")

HEADINGS: Final = ("id", "event", "repo", "received", "state", "why")
WHY_CHARS: Final = 120
ALL: Final = 100_000
PRIVATE: Final = "The payload, as GitHub sent it; it may hold private data:"


@click.group(invoke_without_command=True)
@click.option("--all", "all_of_them", is_flag=True, help="The newest, whatever came of them.")
@click.option(
    "--limit",
    type=click.IntRange(1, ALL),
    default=50,
    show_default=True,
    help="List at most as many of each kind.",
)
@click.pass_context
def command(ctx: click.Context, *, all_of_them: bool, limit: int) -> None:
    """List the deliveries that were set aside, then those that wait.

    One is set aside when it can't be read, or when a fault of ours broke it 12 times. It holds up
    nothing, and can be replayed. Works beside a running bot.
    """
    if ctx.invoked_subcommand:
        return
    records = _answer(_listed(limit, all_of_them=all_of_them))
    if records:
        click.echo(_table(records))
    else:
        click.echo("There is none." if all_of_them else "None was set aside, and none waits.")


@command.command()
@click.argument("delivery_id", metavar="ID")
def show(delivery_id: str) -> None:
    """Print one delivery with its payload."""
    record = _answer(_one(DeliveryId(delivery_id)))
    for name, value in _facts(record):
        click.echo(f"{name:<9} {printable(value)}")
    click.echo(f"\n{PRIVATE}\n{_pretty(record.body)}")


@command.command()
@click.argument("delivery_ids", metavar="[ID]...", nargs=-1)
@click.option("--set-aside", is_flag=True, help="All that were set aside.")
def replay(delivery_ids: Sequence[str], *, set_aside: bool) -> None:
    """Process deliveries again, as if they had just come.

    Harmless for one that was processed: what it tells is known by then, so nothing is doubled.
    """
    if bool(delivery_ids) is set_aside:
        msg = "Name the deliveries to replay, or say --set-aside for all that were set aside."
        raise UnusableError(msg)
    again = _answer(_replayed([DeliveryId(one) for one in delivery_ids]))
    for record in again:
        if record.done_at and not record.error:
            click.echo(f"{record.id} was processed already; what it tells is judged once more.")
    which = "1 delivery is" if len(again) == 1 else f"{len(again)} deliveries are"
    click.echo(f"{which} due again; a running bot takes that up within 30 s.")


def _answer(question: Coroutine[object, object, T]) -> T:
    try:
        return asyncio.run(question)
    except SmokejumperError as error:
        raise click.ClickException(printable(str(error))) from error


@asynccontextmanager
async def _database() -> AsyncIterator[SqlStore]:
    """Open what a bot keeps; a question must not make a database."""
    env = read_environment(os.environ, env_file=Path(".env"))
    require_database(env.database_url)
    async with SqlStore(env.database_url, looks=True) as store:
        yield store


async def _listed(limit: int, *, all_of_them: bool) -> Sequence[DeliveryRecord]:
    async with _database() as store, store.read() as tx:
        if all_of_them:
            return await tx.newest_deliveries(limit=limit)
        aside = await tx.set_aside_deliveries(limit=limit)
        return [*aside, *await tx.waiting_deliveries(limit=limit)]


async def _one(delivery_id: DeliveryId) -> DeliveryRecord:
    async with _database() as store, store.read() as tx:
        record = await tx.delivery_record(delivery_id)
    if record is None:
        raise _unknown([delivery_id])
    return record


async def _replayed(ids: Sequence[DeliveryId]) -> Sequence[DeliveryRecord]:
    """Make these due again, or all that were set aside; return them as they were before."""
    async with _database() as store, store.begin() as tx:
        if ids:
            records = await tx.these_deliveries(ids)
        else:
            records = await tx.set_aside_deliveries(limit=ALL)
        known = {record.id for record in records}
        if unknown := [one for one in ids if one not in known]:
            raise _unknown(unknown)
        await tx.replay(records, at=SystemClock().now())
    return records


def _unknown(ids: Sequence[DeliveryId]) -> click.ClickException:
    msg = (
        f"No delivery {', '.join(ids)} is stored. `smokejumper deliveries --all` lists the newest."
    )
    return click.ClickException(printable(msg))


def _table(records: Sequence[DeliveryRecord]) -> str:
    cells = [HEADINGS, *(_cells(record) for record in records)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _cells(record: DeliveryRecord) -> Sequence[str]:
    why = (record.error or record.outcome)[:WHY_CHARS]
    cells = (record.id, record.event, _repo(record), _at(record.received_at), _state(record))
    return [printable(cell) for cell in (*cells, why)]


def _repo(record: DeliveryRecord) -> str:
    return record.repo_name or ("-" if record.repo is None else f"number {record.repo}")


def _state(record: DeliveryRecord) -> str:
    if record.error:
        return "set aside"
    if record.done_at:
        return "done"
    return f"waits, tried {record.tries}x" if record.tries else "waits"


def _facts(record: DeliveryRecord) -> Iterator[tuple[str, str]]:
    yield "delivery", record.id
    yield "event", record.event
    yield "repo", _repo(record)
    yield "received", _at(record.received_at)
    yield "state", f"{_state(record)} {_at(record.done_at)}" if record.done_at else _state(record)
    if record.due_at and not record.done_at:
        yield "next try", _at(record.due_at)
    if record.error or record.outcome:
        yield "why", record.error or record.outcome


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _pretty(body: bytes) -> str:
    """Return a payload over many lines, its control characters escaped."""
    try:
        return json.dumps(json.loads(body), indent=2)
    except (ValueError, RecursionError):
        return printable(body.decode(errors="replace"))
