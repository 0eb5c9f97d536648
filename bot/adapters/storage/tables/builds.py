"""What GitHub said, and what the logs said."""

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from bot.adapters.storage.tables.metadata import METADATA, partial
from bot.adapters.storage.types import Json, Moment, Number, Word
from bot.domain.failure import Cause, Diagnosis
from bot.domain.lane import LaneKind, RefKind
from bot.domain.run import Conclusion, Status, Step

# Literal, since a planner uses a partial index only for a query with the very same words.
IS_UNPLACED: Final = text("lane IS NULL")
IS_GREEN: Final = text("conclusion = 'success'")
IS_UNFINISHED: Final = text("status <> 'completed'")
IS_LATE: Final = text("late_at IS NOT NULL")

REPOSITORY = Table(
    "repository",
    METADATA,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("full_name", String, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("default_branch", String, nullable=False),
    Column("url", Text, nullable=False),
    Column("installation", Number),
    Column("updated_at", Moment),
)

REF = Table(
    "ref",
    METADATA,
    Column("repo", Number, nullable=False),
    Column("name", String, nullable=False),
    Column("kind", Word(RefKind), nullable=False),
    PrimaryKeyConstraint("repo", "name"),
)

LANE = Table(
    "lane",
    METADATA,
    Column("id", Number, primary_key=True),
    Column("repo", Number, nullable=False),
    Column("workflow", Number, nullable=False),
    Column("kind", Word(LaneKind), nullable=False),
    Column("name", String, nullable=False),
    UniqueConstraint("repo", "workflow", "kind", "name"),
)

ATTEMPT = Table(
    "attempt",
    METADATA,
    Column("id", Number, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("repo", Number, nullable=False),
    Column("workflow", Number, nullable=False),
    Column("workflow_name", String, nullable=False),
    Column("event", String, nullable=False),
    Column("head_branch", String),
    Column("head_repo", Number),
    Column("sha", String, nullable=False),
    Column("status", Word(Status), nullable=False),
    Column("conclusion", Word(Conclusion)),
    Column("title", Text, nullable=False),
    Column("actor", String, nullable=False),
    Column("triggering_actor", String, nullable=False),
    Column("author", String, nullable=False),
    Column("url", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("lane", Number, ForeignKey("lane.id")),
    Column("late_at", Moment),  # when its end was heard, where that was late
    PrimaryKeyConstraint("id", "attempt"),
    Index(None, "lane", "number", "attempt"),
    Index(None, "created_at"),
    Index("ix_attempt_green", "lane", "number", **partial(IS_GREEN)),
    Index("ix_attempt_unplaced", "repo", "head_branch", **partial(IS_UNPLACED)),
    Index("ix_attempt_unfinished", "updated_at", **partial(IS_UNFINISHED)),
    Index("ix_attempt_late", "late_at", **partial(IS_LATE)),
)

JOB = Table(
    "job",
    METADATA,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("repo", Number, nullable=False),
    Column("run", Number, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("status", Word(Status), nullable=False),
    Column("conclusion", Word(Conclusion)),
    Column("steps", Json(tuple[Step, ...]), nullable=False),
    Column("url", Text, nullable=False),
    Column("environment", String, nullable=False),
    Column("delivered", Boolean, nullable=False, server_default=false()),
    Column("started_at", Moment),
    Column("completed_at", Moment),
    Index(None, "run", "attempt"),
)

DIAGNOSIS = Table(
    "diagnosis",
    METADATA,
    Column("job", Number, primary_key=True, autoincrement=False),
    Column("repo", Number, nullable=False),
    Column("run", Number, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("job_name", String, nullable=False),
    Column("step", String, nullable=False),
    Column("sha", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("diagnosis", Json(Diagnosis)),
    # Copies out of the diagnosis, for questions over many of them.
    Column("cause", Word(Cause)),
    Column("confidence", Float),
    Column("rule", String),
    Column("fingerprint", String),
    Index(None, "run", "attempt"),
    Index(None, "repo", "sha"),
    Index(None, "repo", "fingerprint"),
)

SKETCH = Table(
    "sketch",
    METADATA,
    Column("lane", Number, nullable=False),
    Column("job_name", String, nullable=False),
    Column("run", Number, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("lane", "job_name"),
)
