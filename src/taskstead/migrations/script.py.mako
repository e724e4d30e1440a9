"""${message}."""

import sqlalchemy as sa
from alembic import op

from taskstead.db import types

revision = "${up_revision}"
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Apply."""
    ${upgrades if upgrades else "pass"}
