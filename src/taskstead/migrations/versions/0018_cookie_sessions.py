"""Add the cookie, the client and the last use to sessions."""

import sqlalchemy as sa
from alembic import op

from taskstead.db.sql import types

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Apply the migration."""
    for column in (
        sa.Column("cookie_hash", types.Hash(), nullable=True),
        sa.Column("method", sa.String(20), nullable=False, server_default="password"),
        sa.Column("client", sa.String(100), nullable=True),
        sa.Column("address", sa.String(64), nullable=True),
        sa.Column("last_used_at", types.Instant(), nullable=True),
    ):
        op.add_column("sessions", column)
    op.create_index("ix_sessions_cookie_hash", "sessions", ["cookie_hash"], unique=True)
