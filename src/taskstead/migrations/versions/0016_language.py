"""Add the language and the date order to the profile of users."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Apply the migration."""
    op.add_column(
        "users", sa.Column("language", sa.String(10), nullable=False, server_default="en")
    )
    op.add_column(
        "users", sa.Column("date_order", sa.String(4), nullable=False, server_default="none")
    )
