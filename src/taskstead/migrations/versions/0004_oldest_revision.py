"""Where the log of a workspace begins to be complete."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "workspaces",
        sa.Column("oldest_revision", sa.BigInteger(), nullable=False, server_default="0"),
    )
