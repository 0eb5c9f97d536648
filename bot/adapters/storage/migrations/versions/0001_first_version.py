"""Everything that the first version stores."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0001"
down_revision: Final = None

MOMENT: Final = sa.DateTime(timezone=True)
NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _delivery()
    _diagnosis()
    _due()
    _job()
    _lane()
    _press()
    _program()
    _ref()
    _repository()
    _sketch()
    _attempt()
    _incident()
    _card()
    _retry()
    _timeline()


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("repo", NUMBER),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("outcome", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
    )


def _diagnosis() -> None:
    op.create_table(
        "diagnosis",
        sa.Column("job", NUMBER, autoincrement=False, nullable=False),
        sa.Column("repo", NUMBER, nullable=False),
        sa.Column("run", NUMBER, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("job_name", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("sha", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("diagnosis", sa.Text()),
        sa.Column("cause", sa.String()),
        sa.Column("confidence", sa.Float()),
        sa.Column("rule", sa.String()),
        sa.Column("fingerprint", sa.String()),
        sa.PrimaryKeyConstraint("job", name="pk_diagnosis"),
    )
    op.create_index("ix_diagnosis_repo_fingerprint", "diagnosis", ["repo", "fingerprint"])
    op.create_index("ix_diagnosis_repo_sha", "diagnosis", ["repo", "sha"])
    op.create_index("ix_diagnosis_run_attempt", "diagnosis", ["run", "attempt"])


def _sketch() -> None:
    op.create_table(
        "sketch",
        sa.Column("lane", NUMBER, nullable=False),
        sa.Column("job_name", sa.String(), nullable=False),
        sa.Column("run", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("lane", "job_name", name="pk_sketch"),
    )


def _due() -> None:
    op.create_table(
        "due",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claim", MOMENT),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_due"),
    )
    op.create_index("ix_due_due_at", "due", ["due_at"])


def _job() -> None:
    op.create_table(
        "job",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("repo", NUMBER, nullable=False),
        sa.Column("run", NUMBER, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("conclusion", sa.String()),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("started_at", MOMENT),
        sa.Column("completed_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )
    op.create_index("ix_job_run_attempt", "job", ["run", "attempt"])


def _lane() -> None:
    op.create_table(
        "lane",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("repo", NUMBER, nullable=False),
        sa.Column("workflow", NUMBER, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lane"),
        sa.UniqueConstraint(
            "repo", "workflow", "kind", "name", name="uq_lane_repo_workflow_kind_name"
        ),
    )


def _press() -> None:
    op.create_table(
        "press",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("target", sa.Text()),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("answer", sa.Text()),
        sa.Column("done_at", MOMENT),
        sa.Column("outcome", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_press"),
    )


def _program() -> None:
    op.create_table(
        "program",
        sa.Column("oldest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("oldest", name="pk_program"),
    )
    op.execute("INSERT INTO program (oldest) VALUES ('0.1.0')")


def _ref() -> None:
    op.create_table(
        "ref",
        sa.Column("repo", NUMBER, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("repo", "name", name="pk_ref"),
    )


def _repository() -> None:
    op.create_table(
        "repository",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("default_branch", sa.String(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("installation", NUMBER),
        sa.Column("updated_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_repository"),
    )


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("repo", NUMBER, nullable=False),
        sa.Column("workflow", NUMBER, nullable=False),
        sa.Column("workflow_name", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("head_branch", sa.String()),
        sa.Column("head_repo", NUMBER),
        sa.Column("sha", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("conclusion", sa.String()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("triggering_actor", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("lane", NUMBER),
        sa.PrimaryKeyConstraint("id", "attempt", name="pk_attempt"),
        sa.ForeignKeyConstraint(["lane"], ["lane.id"], name="fk_attempt_lane"),
    )
    op.create_index(
        "ix_attempt_green",
        "attempt",
        ["lane", "number"],
        sqlite_where=sa.text("conclusion = 'success'"),
        postgresql_where=sa.text("conclusion = 'success'"),
    )
    op.create_index("ix_attempt_lane_number_attempt", "attempt", ["lane", "number", "attempt"])
    op.create_index(
        "ix_attempt_unplaced",
        "attempt",
        ["repo", "head_branch"],
        sqlite_where=sa.text("lane IS NULL"),
        postgresql_where=sa.text("lane IS NULL"),
    )


def _incident() -> None:
    op.create_table(
        "incident",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("lane_id", NUMBER, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("workflow", sa.String(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("red_since", MOMENT, nullable=False),
        sa.Column("run", NUMBER, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha", sa.String(), nullable=False),
        sa.Column("streak", sa.Integer(), nullable=False),
        sa.Column("early", sa.Boolean(), nullable=False),
        sa.Column("last_green_run", NUMBER),
        sa.Column("last_green_sha", sa.String(), nullable=False),
        sa.Column("last_green_at", MOMENT),
        sa.Column("cause", sa.String()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("diagnosed", sa.Text()),
        sa.Column("jobs", sa.Integer(), nullable=False),
        sa.Column("suspects", sa.Text(), nullable=False),
        sa.Column("outlook", sa.Text(), nullable=False),
        sa.Column("log_wait", sa.Text(), nullable=False),
        sa.Column("green_run", NUMBER),
        sa.Column("green_attempt", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text()),
        sa.Column("called_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("ending", sa.String()),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("broken_jobs", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
        sa.ForeignKeyConstraint(["lane_id"], ["lane.id"], name="fk_incident_lane_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_incident_open",
        "incident",
        ["lane_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'ended'"),
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_index("ix_incident_lane_id_id", "incident", ["lane_id", "id"])


def _card() -> None:
    op.create_table(
        "card",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("incident", NUMBER, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_card"),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name="fk_card_incident"),
        sa.UniqueConstraint(
            "incident", "platform", "channel", name="uq_card_incident_platform_channel"
        ),
    )
    op.create_index("ix_card_platform_channel_message", "card", ["platform", "channel", "message"])


def _retry() -> None:
    op.create_table(
        "retry",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("incident", NUMBER, nullable=False),
        sa.Column("repo", NUMBER, nullable=False),
        sa.Column("run", NUMBER, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("debug", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text()),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_retry"),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name="fk_retry_incident"),
    )
    op.create_index("ix_retry_incident", "retry", ["incident"])
    op.create_index("ix_retry_run", "retry", ["run"])
    op.create_index(
        "uq_retry_live",
        "retry",
        ["run", "attempt"],
        unique=True,
        sqlite_where=sa.text("state IN ('done_elsewhere', 'sent', 'waiting')"),
        postgresql_where=sa.text("state IN ('done_elsewhere', 'sent', 'waiting')"),
    )


def _timeline() -> None:
    op.create_table(
        "timeline",
        sa.Column("incident", NUMBER, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("incident", "seq", name="pk_timeline"),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name="fk_timeline_incident"),
        sa.UniqueConstraint("incident", "kind", "source", name="uq_timeline_incident_kind_source"),
    )
