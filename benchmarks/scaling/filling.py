"""A database with a past: runs, lanes and deliveries that nobody had to send."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, create_engine, text

from tests.chaos.estate import Room

LANES: Final = 2_000
OTHERS: Final = 5_000_000  # ids of repositories that nobody subscribes to
FIRST_RUN: Final = 1_000_000_000

LANE: Final = (
    "INSERT INTO lane (id, repo, workflow, kind, name)"
    " WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :most - 1)"
    " SELECT i + 1, :others + i / 10, :others + i, 'push', 'main' FROM n"
)
OURS: Final = "UPDATE lane SET repo = :repo, workflow = :workflow WHERE id = :id"
ATTEMPT: Final = (
    "INSERT INTO attempt (id, attempt, number, repo, workflow, workflow_name, event, head_branch,"
    " head_repo, sha, status, conclusion, title, actor, triggering_actor, author, url, created_at,"
    " updated_at, lane)"
    " WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :most - 1)"
    " SELECT :first + i, 1, i / :lanes + 1, lane.repo, lane.workflow, 'CI', 'push',"
    " 'main', lane.repo, '0123456789abcdef0123456789abcdef01234567', 'completed', 'success',"
    " 'Change something', 'ana', 'ana', 'ana', '', :at, :at, lane.id"
    " FROM n JOIN lane ON lane.id = i % :lanes + 1"
)
DELIVERY: Final = (
    "INSERT INTO delivery (id, event, repo, received_at, body, done_at, outcome)"
    " WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :most - 1)"
    " SELECT 'filled-' || i, 'workflow_run', :others, :at, :body, :at, 'green' FROM n"
)
BODY: Final = b"\0" * 3_000  # what a payload of 25 kB takes when it is packed


def fill(url: str, *, runs: int, rooms: Sequence[Room], workflow: str = "CI") -> None:
    """Put *runs* green runs on 2,000 lanes, the rooms' own among them, into a migrated database."""
    at = datetime.now(UTC) - timedelta(days=1)
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        _run(connection, LANE, most=LANES, others=OTHERS)
        for number, room in enumerate(rooms, start=1):
            repo = room.repository
            its = repo.workflow(workflow).id
            _run(connection, OURS, repo=repo.id, workflow=its, id=number)
        _run(connection, ATTEMPT, most=runs, first=FIRST_RUN, lanes=LANES, at=_moment(url, at))
        filled = {"others": OTHERS, "body": BODY, "at": _moment(url, at)}
        _run(connection, DELIVERY, most=runs, **filled)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    engine.dispose()


def _moment(url: str, at: datetime) -> object:
    """Return a moment as the database keeps it: SQLite as text, without a zone."""
    return at.replace(tzinfo=None).isoformat(" ", "microseconds") if "sqlite" in url else at


def _run(connection: Connection, statement: str, **values: object) -> None:
    connection.execute(text(statement), values)
