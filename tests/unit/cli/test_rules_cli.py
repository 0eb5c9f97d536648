"""`smokejumper rules`: the list with what came of each rule, and a trial of new ones."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.storage.store import SqlStore
from bot.adapters.storage.transaction import Transaction
from bot.diagnosis import load_rules
from bot.domain.failure import Advice, Cause, Diagnosis
from bot.domain.ids import IncidentId, JobId, LaneId, RepoId, RetryId, RunId, WorkflowId
from bot.domain.incident import Incident
from bot.domain.lane import Lane, LaneKind
from bot.domain.retry import Retry, RetryState
from bot.domain.run import Conclusion, Job, Status
from bot.ports.rows import JobDiagnosis
from tests.unit.cli.conftest import Run, objects
from tests.unit.cli.logs import log, zipped

NOW = datetime.now(UTC)
REPO = RepoId(7)
LANE = Lane(repo=REPO, workflow=WorkflowId(3), kind=LaneKind.PUSH, name="main")
OWN = """\
[[rule]]
name = "license"
cause = "auth_permission"
weight = 90
patterns = ['^No seat left on (?:the )?license server']
matches = ["No seat left on the license server", "[ERROR] No seat left on license server"]
misses = ["A seat left the license server"]

[[rule]]
name = "queue"
cause = "service_dependency"
patterns = ['^The queue is full']
matches = ["The queue is full of jobs"]
misses = ["Is the queue full? No."]
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    return path


def test_the_list_is_a_table_in_the_order_in_which_rules_win(run: Run) -> None:
    result = run("rules")
    heading, *rows = result.stdout.splitlines()
    assert result.exit_code == 0
    assert heading.split() == [
        *("file", "rule", "cause", "retry", "weight", "hits", "retried", "passed"),
    ]
    assert [row.split()[:2] for row in rows] == [
        [f"{file}.toml", name]
        for file, name in (rule.name.split("/") for rule in load_rules().rules)
    ]
    assert {row[heading.index("cause") - 1] for row in rows} == {" "}
    assert {len(row) for row in rows} == {len(heading)}


def test_own_rules_are_listed_and_nothing_is_known_without_a_database(run: Run, own: Path) -> None:
    result = run("rules", "--json", "--rules", own)
    [listed] = [row for row in objects(result) if row["rule"] == "license"]
    assert listed == {
        "file": "own.toml",
        "rule": "license",
        "cause": "auth_permission",
        "retry": "no",
        "weight": 90,
        "hits": None,
        "retried": None,
        "passed": None,
    }
    assert not Path("data").exists()


def a_hit(job: int, *, rule: str = "network/dns", at: datetime = NOW) -> JobDiagnosis:
    diagnosis = Diagnosis(
        cause=Cause.DNS,
        confidence=0.9,
        retry=Advice.YES,
        reason="a name was not found",
        rule=rule,
        fingerprint="dns-1",
    )
    return JobDiagnosis(
        repo=REPO,
        run=RunId(job),
        attempt=1,
        job=job,
        job_name="build",
        step="Test",
        sha="1a2b3c4",
        at=at,
        diagnosis=diagnosis,
    )


def a_retry(run: int, incident: IncidentId, state: RetryState) -> Retry:
    return Retry(
        id=RetryId(0),
        incident=incident,
        repo=REPO,
        run=RunId(run),
        attempt=1,
        due_at=NOW,
        state=state,
        created_at=NOW,
    )


def a_second_try(run: int, conclusion: Conclusion) -> Job:
    return Job(
        id=JobId(run + 100),
        run=RunId(run),
        attempt=2,
        name="build",
        status=Status.COMPLETED,
        conclusion=conclusion,
    )


async def an_incident(tx: Transaction, lane: LaneId) -> IncidentId:
    incident = Incident(
        id=IncidentId(0),
        lane_id=lane,
        lane=LANE,
        opened_at=NOW,
        red_since=NOW,
        run=RunId(1),
        attempt=1,
        number=1,
        sha="1a2b3c4",
    )
    return (await tx.new_incident(incident)).id


async def fill(url: str) -> None:
    """Three hits of which two were retried and one passed, and what does not count."""
    async with SqlStore(url) as store, store.begin() as tx:
        incident = await an_incident(tx, await tx.lock_lane(LANE))
        for hit in (a_hit(1), a_hit(2), a_hit(3), a_hit(4, at=NOW - timedelta(days=22))):
            await tx.save_diagnosis(hit)
        await tx.save_diagnosis(a_hit(5, rule=""))
        for run, state in ((1, RetryState.SENT), (2, RetryState.SENT), (3, RetryState.REFUSED)):
            await tx.new_retry(a_retry(run, incident, state))
        await tx.save_job(REPO, a_second_try(1, Conclusion.SUCCESS))
        await tx.save_job(REPO, a_second_try(2, Conclusion.FAILURE))
        await tx.save_job(REPO, a_second_try(3, Conclusion.SUCCESS))


def test_the_database_says_what_came_of_a_rule(run: Run, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/smokejumper.db"
    asyncio.run(fill(url))
    rows = {
        f"{row['file']} {row['rule']}": (row["hits"], row["retried"], row["passed"])
        for row in objects(run("rules", "--json", env={"DATABASE_URL": url}))
    }
    assert rows.pop("network.toml dns") == (3, 2, 1)
    assert set(rows.values()) == {(0, 0, 0)}


def test_a_database_in_disorder_costs_only_the_record(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"")
    result = run("rules", env={"DATABASE_URL": f"sqlite:///{tmp_path}/x.db"})
    assert result.exit_code == 0
    assert "can't be read from the database: " in result.stderr
    assert result.stdout.splitlines()[1].split()[-3:] == ["-", "-", "-"]


def test_a_trial_shows_which_lines_each_rule_knows(run: Run, own: Path, tmp_path: Path) -> None:
    lines = ["No seat left on the license server", *["The queue is full\x1b]0;x\x07"] * 5]
    (tmp_path / "x.log").write_bytes(log(*lines, "The queue is full, token ghp_" + "a1B2" * 9))
    result = run("rules", "test", own, "x.log")
    assert result.stdout.replace("\ufffd", "?") == (
        "5 of 5 test lines are taken as they should be.\n"
        "x.log\n"
        "  own/license knows 1 line\n"
        "          4  No seat left on the license server\n"
        "  own/queue knows 6 lines\n"
        + "".join(f"    {at:>7}  The queue is full?]0;x?\n" for at in range(5, 10))
        + "         10  The queue is full, token [redacted: GitHub token]\n"
    )
    assert result.exit_code == 0


def test_a_trial_reads_zips_and_goes_on_after_what_it_cannot_read(
    run: Run, own: Path, tmp_path: Path
) -> None:
    packed = zipped(tmp_path / "x.zip", {"0_a.txt": log("The queue is full", ended="")})
    result = run("rules", "test", own, "--rule", "queue", "missing.log", packed)
    assert "missing.log: There is no such file." in result.stderr
    assert f"{packed}:a\n  own/queue knows 1 line\n" in result.stdout
    assert "license" not in result.stdout
    assert result.exit_code == 2


def test_a_test_line_that_fails_is_named(run: Run, own: Path) -> None:
    own.write_text(OWN.replace("full of jobs", "empty").replace("^No seat left", "seat left"))
    result = run("rules", "test", own)
    assert result.stdout == (
        "own/queue does not know: The queue is empty\n"
        "4 of 5 test lines are taken as they should be.\n"
    )
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("weight = 90", "wieght = 90", "unknown key wieght; did you mean weight?"),
        ("'^The queue", "'^(The queue", "Error: rule 'own/queue': '^(The queue is full': "),
        ('name = "queue"', 'name = "license"', "'own/license' exists twice"),
        ("[[rule]]", "[[rule", "own.toml: "),
    ],
)
def test_a_broken_rule_is_a_clear_error(
    run: Run, own: Path, old: str, new: str, error: str
) -> None:
    own.write_text(OWN.replace(old, new))
    result = run("rules", "test", own)
    assert error in result.stderr
    assert result.exit_code == 2


def test_an_unknown_rule_is_told_the_known_ones(run: Run, own: Path) -> None:
    result = run("rules", "test", own, "--rule", "lisence")
    assert "There is no rule 'lisence' in it, but own/license, own/queue." in result.stderr
    assert result.exit_code == 2
