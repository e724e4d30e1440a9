"""Add ``workspaces.deleted_at``, for workspaces in the trash."""

import sqlalchemy as sa
from alembic import op

from taskstead.db.sql import types

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Apply the migration."""
    op.add_column("workspaces", sa.Column("deleted_at", types.Instant(), nullable=True))
    op.create_index(
        "ix_workspaces_deleted",
        "workspaces",
        ["deleted_at"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
