"""Add the preferences of users."""

import sqlalchemy as sa
from alembic import op

from taskstead.db.sql import types

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Apply the migration."""
    op.create_table(
        "preferences",
        sa.Column("user_id", types.Id(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_preferences_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_preferences")),
    )
