"""Add the key from which the successor of a refresh token is derived, for repeated refreshes."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Apply the migration."""
    op.add_column("refresh_tokens", sa.Column("successor_key", sa.LargeBinary(), nullable=True))
