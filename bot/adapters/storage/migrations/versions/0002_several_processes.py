"""Work that is set aside, several processes, shared budgets, what was missed, and notices."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0002"
down_revision: Final = "0001"

MOMENT: Final = sa.DateTime(timezone=True)
NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _grow()
    _process()
    _lease()
    _budget()
    _cursor()
    _blind()
    _notice()
    # The first version stumbles over kinds of work that it does not know.
    op.execute("UPDATE program SET oldest = '0.2.0'")


def _grow() -> None:
    op.add_column("due", sa.Column("holder", sa.String()))
    op.add_column("due", sa.Column("set_aside_at", MOMENT))
    op.add_column("due", sa.Column("error", sa.Text()))
    _partial_index("ix_due_holder", "due", ["holder"], "holder IS NOT NULL")
    _partial_index("ix_due_set_aside", "due", ["set_aside_at"], "set_aside_at IS NOT NULL")
    op.add_column("delivery", sa.Column("error", sa.Text()))
    op.create_index("ix_delivery_received_at", "delivery", ["received_at"])
    op.create_index("ix_attempt_created_at", "attempt", ["created_at"])
    _partial_index("ix_delivery_set_aside", "delivery", ["received_at"], "error IS NOT NULL")
    op.add_column("card", sa.Column("notice", NUMBER))
    op.create_index("ix_card_notice", "card", ["notice"])
    op.create_index("ix_card_platform_channel_id", "card", ["platform", "channel", "id"])
    op.add_column("incident", sa.Column("unconfirmed_since", MOMENT))
    op.add_column("attempt", sa.Column("late_at", MOMENT))
    # What an older version stores says nothing about where it deploys to.
    op.add_column(
        "job", sa.Column("delivered", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _index_some("ix_attempt_unfinished", "attempt", ["updated_at"], "status <> 'completed'")
    _index_some("ix_attempt_late", "attempt", ["late_at"], "late_at IS NOT NULL")
    op.add_column("incident", sa.Column("log_wait_until", MOMENT))


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def _index_some(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )


def _process() -> None:
    op.create_table(
        "process",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_process"),
    )


def _lease() -> None:
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )


def _budget() -> None:
    op.create_table(
        "budget",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("window_at", MOMENT, nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("remaining", sa.Integer()),
        sa.Column("total", sa.Integer()),
        sa.Column("resets_at", MOMENT),
        sa.Column("quiet_until", MOMENT),
        sa.PrimaryKeyConstraint("name", name="pk_budget"),
    )


def _cursor() -> None:
    op.create_table(
        "cursor",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("heard_until", MOMENT, nullable=False),
        sa.Column("asked_at", MOMENT),
        sa.Column("etag", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("name", name="pk_cursor"),
    )


def _blind() -> None:
    op.create_table(
        "blind",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("said_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_blind"),
        sa.UniqueConstraint("source", "since", name="uq_blind_source_since"),
    )


def _notice() -> None:
    op.create_table(
        "notice",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", MOMENT),
        sa.Column("called_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sa.UniqueConstraint(
            "kind", "source", "platform", "channel", name="uq_notice_kind_source_platform_channel"
        ),
    )
    gathering = sa.text("kind = 'digest' AND closed_at IS NULL")
    op.create_index(
        "uq_notice_gathering",
        "notice",
        ["platform", "channel"],
        unique=True,
        sqlite_where=gathering,
        postgresql_where=gathering,
    )
