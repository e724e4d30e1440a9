"""The audit log: what has happened that matters for security. Not part of any workspace's log."""

from sqlalchemy import Column, Index, String, Table

from taskstead.db.types import Id, Instant, Json
from taskstead.tables.metadata import metadata

# No foreign keys: what was done stays told when whoever did it, or what it was done to, is gone.
audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("kind", String(40), nullable=False),
    # Who: null for somebody not known, and for the command line.
    Column("user_id", Id),
    # Through which session or API token.
    Column("credential_id", Id),
    # Whom or what it was done to: a user, a token, an invitation, a job.
    Column("subject_id", Id),
    # Null without a request, as at the command line.
    Column("address", String(64)),
    Column("request_id", String(100)),
    Column("details", Json, nullable=False),
    Index("ix_audit_log_at", "at"),
    Index("ix_audit_log_kind", "kind", "id"),
    Index("ix_audit_log_user", "user_id", "id"),
    Index("ix_audit_log_subject", "subject_id", "id"),
)
