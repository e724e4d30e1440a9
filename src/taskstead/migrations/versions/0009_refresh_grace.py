"""Add the key from which the next refresh token is derived, so that a refresh can be repeated."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Apply the migration."""
    op.add_column("refresh_tokens", sa.Column("successor_key", sa.LargeBinary(), nullable=True))
