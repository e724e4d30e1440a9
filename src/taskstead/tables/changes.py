"""The log of changes: one row for each changed thing, numbered without gaps in a workspace."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, String, Table

from taskstead.db.types import Id, Instant, Json
from taskstead.tables.metadata import metadata

changes = Table(
    "changes",
    metadata,
    Column("workspace_id", Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(10), nullable=False),
    Column("entity_id", Id, nullable=False),
    Column("action", String(10), nullable=False),
    Column("batch_id", Id, nullable=False),
    # Who: null for the server itself; through which session or API token: null for the CLI.
    Column("user_id", Id),
    Column("credential_id", Id),
    Column("at", Instant, nullable=False),
    # {field: [old value, new value]}, values as JSON.
    Column("fields", Json, nullable=False),
    CheckConstraint("kind IN ('workspace', 'member', 'category', 'tag', 'task')", name="kind"),
    CheckConstraint(
        "action IN ('created', 'updated', 'trashed', 'restored', 'purged')", name="action"
    ),
    Index("ix_changes_entity", "workspace_id", "kind", "entity_id", "revision"),
    Index("ix_changes_batch", "workspace_id", "batch_id"),
)
