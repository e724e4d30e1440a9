"""Add recurrence rules of tasks, and the table of past occurrences."""

import sqlalchemy as sa
from alembic import op

from taskstead.db.sql import types

revision = "0015"
down_revision = "0014"

_REPEATS = sa.text("repeat_rule IS NOT NULL")
_DELETED = sa.text("deleted_at IS NOT NULL")


def upgrade() -> None:
    """Apply the migration."""
    op.add_column("tasks", sa.Column("repeat_rule", sa.String(500)))
    # Alembic cannot add a constraint on SQLite, except with its column.
    op.execute(
        "ALTER TABLE tasks ADD COLUMN repeat_mode VARCHAR(10) CONSTRAINT ck_tasks_repeat_mode "
        "CHECK (repeat_mode IN ('schedule', 'each', 'completion'))"
    )
    op.add_column("tasks", sa.Column("repeat_except", types.Json()))
    op.add_column("tasks", sa.Column("repeat_start", sa.String(100)))
    op.add_column("tasks", sa.Column("repeat_at", sa.String(20)))
    op.add_column("tasks", sa.Column("repeat_gone", sa.BigInteger()))
    op.create_index(
        "ix_tasks_repeating",
        "tasks",
        ["workspace_id", "number"],
        sqlite_where=_REPEATS,
        postgresql_where=_REPEATS,
    )
    op.create_table(
        "occurrences",
        sa.Column("workspace_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("task_id", types.Id(), nullable=False),
        sa.Column("occurrence", sa.String(20), nullable=False),
        sa.Column("due_date", sa.String(100), nullable=False),
        sa.Column("due_time_zone", sa.String(64)),
        sa.Column("outcome", sa.String(7), nullable=False),
        sa.Column("ended_at", types.Instant(), nullable=False),
        sa.Column("ended_by", types.Id()),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("deleted_at", types.Instant()),
        sa.CheckConstraint("outcome IN ('done', 'skipped')", name=op.f("ck_occurrences_outcome")),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_occurrences_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "task_id"],
            ["tasks.workspace_id", "tasks.id"],
            name="fk_occurrences_task",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_occurrences")),
    )
    op.create_index(
        "ix_occurrences_task", "occurrences", ["workspace_id", "task_id", "ended_at", "id"]
    )
    op.create_index("ix_occurrences_ended", "occurrences", ["workspace_id", "ended_at"])
    op.create_index(
        "ix_occurrences_deleted",
        "occurrences",
        ["workspace_id", "deleted_at"],
        sqlite_where=_DELETED,
        postgresql_where=_DELETED,
    )
