"""Add the PostgreSQL extension pg_trgm, for corrections of misspelt search words."""

from alembic import op
from sqlalchemy.exc import DBAPIError

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply the migration. Do nothing if the extension is not available or not allowed."""
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    try:
        with bind.begin_nested():
            op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DBAPIError:
        return
