"""Incidents, and what follows from them."""

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.adapters.storage.tables.metadata import METADATA, partial
from bot.adapters.storage.types import Json, Moment, Number, Word
from bot.domain.failure import Cause
from bot.domain.incident import Ending, Fact, State
from bot.domain.person import Person, Platform
from bot.domain.retry import LIVE, RetryState, Scope
from bot.domain.run import Commit
from bot.ports.rows import CardState

# Literal, since a planner uses a partial index only for a query with the very same words.
IS_OPEN: Final = text("state <> 'ended'")
IS_LIVE: Final = text(f"state IN ({', '.join(repr(state.value) for state in sorted(LIVE))})")

INCIDENT = Table(
    "incident",
    METADATA,
    Column("id", Number, primary_key=True),
    Column("lane_id", Number, ForeignKey("lane.id"), nullable=False),
    Column("state", Word(State), nullable=False),
    Column("workflow", String, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("red_since", Moment, nullable=False),
    Column("run", Number, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("sha", String, nullable=False),
    Column("streak", Integer, nullable=False),
    Column("early", Boolean, nullable=False),
    Column("last_green_run", Number),
    Column("last_green_sha", String, nullable=False),
    Column("last_green_at", Moment),
    Column("cause", Word(Cause)),
    Column("reason", Text, nullable=False),
    Column("diagnosed", Json(tuple[int, int])),
    Column("jobs", Integer, nullable=False),
    Column("suspects", Json(tuple[Commit, ...]), nullable=False),
    Column("outlook", Text, nullable=False),
    Column("log_wait", Text, nullable=False),
    Column("green_run", Number),
    Column("green_attempt", Integer, nullable=False),
    Column("owner", Json(Person)),
    Column("called_at", Moment),
    Column("ended_at", Moment),
    Column("ending", Word(Ending)),
    Column("ended_by", Text, nullable=False),
    Column("broken_jobs", Json(tuple[str, ...]), nullable=False),
    Column("unconfirmed_since", Moment),
    Column("log_wait_until", Moment),
    Index(None, "lane_id", "id"),
    Index("uq_incident_open", "lane_id", unique=True, **partial(IS_OPEN)),
    sqlite_autoincrement=True,  # people quote these numbers, so none is given twice
)

TIMELINE = Table(
    "timeline",
    METADATA,
    Column("incident", Number, ForeignKey("incident.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", Word(Fact), nullable=False),
    Column("source", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", String, nullable=False),
    Column("what", Text, nullable=False),
    PrimaryKeyConstraint("incident", "seq"),
    UniqueConstraint("incident", "kind", "source"),
)

RETRY = Table(
    "retry",
    METADATA,
    Column("id", Number, primary_key=True),
    Column("incident", Number, ForeignKey("incident.id"), nullable=False, index=True),
    Column("repo", Number, nullable=False),
    Column("run", Number, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("scope", Word(Scope), nullable=False),
    Column("debug", Boolean, nullable=False),
    Column("by", Json(Person)),
    Column("confirmed", Boolean, nullable=False),
    Column("why", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("state", Word(RetryState), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("tried_at", Moment),
    Column("created_at", Moment, nullable=False),
    Index(None, "run"),
    Index("uq_retry_live", "run", "attempt", unique=True, **partial(IS_LIVE)),
)

CARD = Table(
    "card",
    METADATA,
    Column("id", Number, primary_key=True),
    Column("incident", Number, ForeignKey("incident.id"), nullable=False),
    Column("platform", Word(Platform), nullable=False),
    Column("channel", String, nullable=False),
    Column("state", Word(CardState), nullable=False),
    Column("message", String, nullable=False),
    Column("thread", String, nullable=False),
    Column("told", Integer, nullable=False),
    Column("shown", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("tried_at", Moment),
    Column("notice", Number, index=True),  # the digest that holds it back
    UniqueConstraint("incident", "platform", "channel"),
    Index(None, "platform", "channel", "message"),
    Index(None, "platform", "channel", "id"),
)
