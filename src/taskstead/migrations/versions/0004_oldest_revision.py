"""Add ``workspaces.oldest_revision``, the revision since which the change log is complete."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply the migration."""
    op.add_column(
        "workspaces",
        sa.Column("oldest_revision", sa.BigInteger(), nullable=False, server_default="0"),
    )
