"""`smokejumper status`: what is wrong first, then who runs and what waits."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from inline_snapshot import snapshot

from bot.adapters.storage.store import SqlStore
from bot.cli import main
from bot.cli.standing.report import Report
from bot.cli.standing.text import lines
from bot.domain.work import DueKind
from bot.ports.finding import Finding
from bot.ports.hearing import Blind
from bot.ports.overview import Overview, Waiting
from bot.ports.rows import SetAside
from bot.ports.running import Budget, Process
from tests.unit.made import NOON

MINUTE = timedelta(minutes=1)
FINE = {"database": Finding(ok=True, text="The database answers.")}
AWAY = Finding(ok=False, text="Slack is not connected, so presses are not heard.")


def process(
    id: str, *roles: str, silent: timedelta = timedelta(0), slack: Finding | None = None
) -> Process:
    return Process(
        id=id,
        roles=roles or ("web", "worker", "chat"),
        version="0.2.0",
        host="ci",
        pid=41,
        started_at=NOON - 90 * MINUTE,
        seen_at=NOON - silent,
        standing=FINE | ({"slack": slack} if slack else {}),
    )


def led_by(id: str) -> Overview:
    return Overview(now=NOON, leaders={"chat": id})


def test_all_is_well() -> None:
    report = Report(processes=[process("0123456789")], overview=led_by("0123456789"))

    assert report.troubles == []
    assert "\n".join(lines(report)) == snapshot("""\
All is well.

Processes:
  01234567  web,worker,chat  0.2.0  ci (41)  up 1 h 30 min  seen 0 s ago    leads

Depends on:
  01234567  database  ok  The database answers.

Counts:
  newest delivery       never
  deliveries set aside  0
  open incidents        0\
""")


def test_everything_that_can_be_said() -> None:
    overview = Overview(
        now=NOON,
        leaders={"chat": "bbbbbbbbbbbb"},
        waiting=[
            Waiting(kind="card", due=3, later=12, set_aside=0, oldest=NOON - 2 * MINUTE),
            Waiting(kind="watch", due=0, later=1, set_aside=1, oldest=None),
        ],
        deliveries_set_aside=2,
        newest_delivery=NOON - 3 * MINUTE,
        open_incidents=4,
        unconfirmed_incidents=1,
        budgets={"github token": Budget(remaining=4_200, total=5_000, resets_at=NOON)},
    )
    report = Report(
        processes=[
            process("aaaaaaaaaaaa", "web", "worker", silent=MINUTE),
            process("bbbbbbbbbbbb", "chat", slack=AWAY),
        ],
        overview=overview,
        set_aside=[
            SetAside(
                kind=DueKind.WATCH,
                id="12",
                key="incident:12",
                set_aside_at=NOON,
                error="KeyError: \x1b[31m'x'",
            )
        ],
        blinds=[
            Blind(
                id=1,
                source="life",
                since=NOON - 35 * MINUTE,
                until=NOON,
                runs=7,
                failures=1,
                said_at=NOON,
            ),
            Blind(id=2, source="hook:acme/app/7", since=NOON - 9 * MINUTE, until=NOON),
            Blind(id=3, source="hook:app", since=NOON - 2 * MINUTE),
        ],
    )

    assert "\n".join(lines(report)) == snapshot("""\
WRONG: No process has the role "web".
WRONG: No process has the role "worker".
WRONG: Slack is not connected, so presses are not heard.

Processes:
  aaaaaaaa  web,worker  0.2.0  ci (41)  up 1 h 30 min  seen 1 min ago  silent, will be buried
  bbbbbbbb  chat        0.2.0  ci (41)  up 1 h 30 min  seen 0 s ago                            leads

Depends on:
  bbbbbbbb  database  ok     The database answers.
  bbbbbbbb  slack     FAILS  Slack is not connected, so presses are not heard.

To be done:
  card   3 due  12 later               the oldest for 2 min
  watch  0 due  1 later   1 set aside

Set aside, since it broke us again and again:
  watch  12  2026-11-24 12:00 UTC  KeyError: �[31m'x'

Requests left:
  github token  4200 of 5000  until 2026-11-24 12:00 UTC

Heard nothing:
  the bot did not run     2026-11-24 11:25 UTC to 2026-11-24 12:00 UTC  7 runs recovered, 1 failure
  the webhook acme/app/7  2026-11-24 11:51 UTC to 2026-11-24 12:00 UTC  being found out
  the App's webhook       2026-11-24 11:58 UTC to now                   goes on

Counts:
  newest delivery       3 min ago
  deliveries set aside  2 (smokejumper deliveries shows them)
  open incidents        4, 1 of them unknown since GitHub does not answer\
""")


@pytest.mark.parametrize(
    ("processes", "trouble"),
    [
        pytest.param([], "Nothing runs.", id="nobody"),
        pytest.param([process("a", silent=MINUTE)], "Nothing runs.", id="all-silent"),
        pytest.param(
            [process("a", "web", "chat")], 'No process has the role "worker".', id="no-worker"
        ),
        pytest.param(
            [process("b")], "Nobody leads the chats, so no card is drawn.", id="no-leader"
        ),
        pytest.param([process("a", slack=AWAY)], AWAY.text, id="a-dependency"),
    ],
)
def test_what_is_wrong(processes: list[Process], trouble: str) -> None:
    assert Report(processes=processes, overview=led_by("a")).troubles == [trouble]


def test_where_nothing_ever_ran_nothing_is_made(tmp_path: Path) -> None:
    file = tmp_path / "data" / "smokejumper.db"
    ran = CliRunner().invoke(main, ["status"], env={"DATABASE_URL": f"sqlite:///{file}"})

    assert ran.exit_code == 1
    assert f"There is no database {file}." in ran.output
    assert not file.parent.exists()


async def _made(url: str) -> None:
    async with SqlStore(url) as store, store.begin() as tx:
        await tx.seen(process("a"))
        await tx.take_lease("chat", process="a", lasts=MINUTE)


def test_it_reads_beside_a_running_bot(postgres: str) -> None:
    """From the rows alone, so that it works whatever the bot does."""
    asyncio.run(_made(postgres))
    ran = CliRunner().invoke(main, ["status"], env={"DATABASE_URL": postgres})
    assert ran.exit_code == 0, ran.output
    assert ran.output.startswith("All is well.")

    with psycopg.connect(postgres) as connection:
        connection.execute("DELETE FROM process")
    ran = CliRunner().invoke(main, ["status", "--json"], env={"DATABASE_URL": postgres})
    assert ran.exit_code == 1
    assert json.loads(ran.output)["troubles"] == ["Nothing runs."]
