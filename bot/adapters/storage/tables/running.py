"""Who runs, what they may still ask of others, and what was missed."""

from typing import Final

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from bot.adapters.storage.tables.metadata import METADATA, partial
from bot.adapters.storage.types import Json, Moment, Number, Word
from bot.domain.person import Platform
from bot.ports.finding import Finding
from bot.ports.notices import NoticeKind, NoticeState

# Literal, since a planner uses a partial index only for a query with the very same words.
IS_GATHERING: Final = text("kind = 'digest' AND closed_at IS NULL")

PROCESS = Table(
    "process",
    METADATA,
    Column("id", String, primary_key=True),
    Column("roles", Json(tuple[str, ...]), nullable=False),
    Column("version", String, nullable=False),
    Column("host", String, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("standing", Json(dict[str, Finding]), nullable=False),
)

LEASE = Table(
    "lease",
    METADATA,
    Column("name", String, primary_key=True),
    Column("process", String, nullable=False),
    Column("until", Moment, nullable=False),
)

BUDGET = Table(
    "budget",
    METADATA,
    Column("name", String, primary_key=True),
    Column("window_at", Moment, nullable=False),
    Column("used", Integer, nullable=False),
    Column("remaining", Integer),
    Column("total", Integer),
    Column("resets_at", Moment),
    Column("quiet_until", Moment),
)

CURSOR = Table(
    "cursor",
    METADATA,
    Column("name", String, primary_key=True),
    Column("heard_until", Moment, nullable=False),
    Column("asked_at", Moment),
    Column("etag", Text, nullable=False, server_default=""),
)

BLIND = Table(
    "blind",
    METADATA,
    Column("id", Number, primary_key=True),
    Column("source", String, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    Column("runs", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("said_at", Moment),
    UniqueConstraint("source", "since", name="uq_blind_source_since"),
)

NOTICE = Table(
    "notice",
    METADATA,
    Column("id", Number, primary_key=True),
    Column("kind", Word(NoticeKind), nullable=False),
    Column("source", String, nullable=False),
    Column("platform", Word(Platform), nullable=False),
    Column("channel", String, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("state", Word(NoticeState), nullable=False),
    Column("message", String, nullable=False),
    Column("shown", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("tried_at", Moment),
    Column("called_at", Moment),
    UniqueConstraint(
        "kind", "source", "platform", "channel", name="uq_notice_kind_source_platform_channel"
    ),
    Index("uq_notice_gathering", "platform", "channel", unique=True, **partial(IS_GATHERING)),
)
