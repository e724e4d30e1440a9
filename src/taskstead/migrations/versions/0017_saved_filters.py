"""Add saved filters, and changes that only one user sees."""

import sqlalchemy as sa
from alembic import op

from taskstead.db.sql import types

revision = "0017"
down_revision = "0016"

_IS_OWN = sa.text("deleted_at IS NULL AND NOT is_shared")
_IS_SHARED = sa.text("deleted_at IS NULL AND is_shared")
_IS_DELETED = sa.text("deleted_at IS NOT NULL")


def upgrade() -> None:
    """Apply the migration."""
    op.add_column("changes", sa.Column("visible_to", types.Id()))
    op.create_table(
        "saved_filters",
        sa.Column("workspace_id", types.Id(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("name_key", types.SortKey(), nullable=False),
        sa.Column("filter", sa.String(1000), nullable=False),
        sa.Column("label_keys", sa.Text(), nullable=False),
        sa.Column("sort", sa.String(200)),
        sa.Column("group_by", sa.String(10), nullable=False),
        sa.Column("color", sa.String(7)),
        sa.Column("position", types.SortKey(), nullable=False),
        sa.Column("owner_id", types.Id(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.Column("deleted_at", types.Instant()),
        sa.CheckConstraint(
            "group_by IN ('none', 'due_date', 'priority', 'category', 'tag', 'status', 'assignee')",
            name=op.f("ck_saved_filters_group_by"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_saved_filters_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_saved_filters")),
    )
    op.create_index(
        "ix_saved_filters_position", "saved_filters", ["workspace_id", "position", "id"]
    )
    op.create_index(
        "uq_saved_filters_own_name",
        "saved_filters",
        ["workspace_id", "owner_id", "name_key"],
        unique=True,
        sqlite_where=_IS_OWN,
        postgresql_where=_IS_OWN,
    )
    op.create_index(
        "uq_saved_filters_shared_name",
        "saved_filters",
        ["workspace_id", "name_key"],
        unique=True,
        sqlite_where=_IS_SHARED,
        postgresql_where=_IS_SHARED,
    )
    op.create_index(
        "ix_saved_filters_deleted",
        "saved_filters",
        ["workspace_id", "deleted_at"],
        sqlite_where=_IS_DELETED,
        postgresql_where=_IS_DELETED,
    )
