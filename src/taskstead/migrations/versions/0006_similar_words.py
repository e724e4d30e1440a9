"""Where PostgreSQL can compare words (pg_trgm), searches that are misspelt find something."""

from alembic import op
from sqlalchemy.exc import DBAPIError

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply; go on without where the extension is not there or not allowed."""
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    try:
        with bind.begin_nested():
            op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DBAPIError:
        return
