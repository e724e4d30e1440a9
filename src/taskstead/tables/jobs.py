"""Background jobs: a row each, claimed, run, finished."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, Text

from taskstead.db.types import Id, Instant, Json
from taskstead.tables.metadata import metadata

jobs = Table(
    "jobs",
    metadata,
    Column("id", Id, primary_key=True),
    # Null for the server's own housekeeping.
    Column("workspace_id", Id),
    Column("user_id", Id),
    Column("kind", String(40), nullable=False),
    Column("payload", Json, nullable=False),
    Column("state", String(10), nullable=False),
    Column("progress", Json, nullable=False),
    Column("error", Text),
    Column("attempts", Integer, nullable=False),
    Column("run_at", Instant, nullable=False),
    Column("claimed_by", String(100)),
    Column("claimed_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"),
    Index("ix_jobs_due", "state", "run_at"),
    Index("ix_jobs_workspace", "workspace_id", "id"),
)
