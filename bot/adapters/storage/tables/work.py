"""What should happen, and who may use the database."""

from typing import Final

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text, text

from bot.adapters.storage.tables.metadata import METADATA, partial
from bot.adapters.storage.types import Json, Moment, Number, Packed, Word
from bot.domain.person import Person, Platform
from bot.domain.press import PressKind, Target
from bot.domain.work import DueKind

IS_SET_ASIDE: Final = text("error IS NOT NULL")
IS_SET_ASIDE_WORK: Final = text("set_aside_at IS NOT NULL")
IS_HELD: Final = text("holder IS NOT NULL")

PROGRAM = Table(
    "program",
    METADATA,
    Column("oldest", String, primary_key=True),  # the oldest version that may use this database
)

DUE = Table(
    "due",
    METADATA,
    Column("kind", Word(DueKind), nullable=False),
    Column("id", String, nullable=False),
    Column("key", String, nullable=False),
    Column("due_at", Moment, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("claim", Moment),  # until when somebody holds it; a new wish frees it
    Column("holder", String),  # the process that holds it
    Column("set_aside_at", Moment),  # when we gave up; a new wish starts anew
    Column("error", Text),
    PrimaryKeyConstraint("kind", "id"),
    Index("ix_due_holder", "holder", **partial(IS_HELD)),
    Index("ix_due_set_aside", "set_aside_at", **partial(IS_SET_ASIDE_WORK)),
)

DELIVERY = Table(
    "delivery",
    METADATA,
    Column("id", String, primary_key=True),
    Column("event", String, nullable=False),
    Column("repo", Number),
    Column("received_at", Moment, nullable=False, index=True),
    Column("body", Packed, nullable=False),
    Column("done_at", Moment),
    Column("outcome", Text, nullable=False, server_default=""),
    Column("error", Text),  # why it was set aside
    Index("ix_delivery_set_aside", "received_at", **partial(IS_SET_ASIDE)),
)

PRESS = Table(
    "press",
    METADATA,
    Column("id", String, primary_key=True),
    Column("kind", Word(PressKind), nullable=False),
    Column("name", String, nullable=False),
    Column("platform", Word(Platform), nullable=False),
    Column("channel", String, nullable=False),
    Column("by", Json(Person), nullable=False),
    Column("target", Json(Target)),
    Column("message", String, nullable=False),
    Column("arguments", Json(dict[str, str]), nullable=False),
    Column("token", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("answer", Text),
    Column("done_at", Moment),
    Column("outcome", Text, nullable=False, server_default=""),
)
