"""Tables of the job queue: one row per background job. The statements are in ``jobs/queue.py``."""

from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from taskstead.db.sql.types import Id, Instant, Json
from taskstead.domain.jobs import JobState
from taskstead.tables.metadata import metadata

jobs = Table(
    "jobs",
    metadata,
    Column("id", Id, primary_key=True),
    # Null for jobs of the server, such as housekeeping.
    Column("workspace_id", Id),
    Column("user_id", Id),
    Column("kind", String(40), nullable=False),
    Column("payload", Json, nullable=False),
    Column("state", String(10), nullable=False),
    # See jobs/progress.py.
    Column("progress", Json, nullable=False),
    Column("error", Text),
    # Number of claims since the last stored progress.
    Column("attempts", Integer, nullable=False),
    Column("run_at", Instant, nullable=False),
    # The claim that holds the lease, and the end of the lease. Null if the job is not running.
    Column("claimed_by", String(100)),
    Column("claimed_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"),
    Index("ix_jobs_due", "state", "run_at"),
    Index("ix_jobs_workspace", "workspace_id", "id"),
)

# Input of a job that is too large for its payload: an uploaded file or a list of tasks, in
# numbered parts. The parts are deleted with the job.
job_parts = Table(
    "job_parts",
    metadata,
    Column("job_id", Id, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)


class JobRow(TypedDict):
    """A row of the table of jobs."""

    id: str
    workspace_id: str | None
    user_id: str | None
    kind: str
    payload: dict[str, Any]
    state: JobState
    progress: dict[str, Any]
    error: str | None
    attempts: int
    run_at: datetime
    claimed_by: str | None
    claimed_until: datetime | None
    created_at: datetime
    finished_at: datetime | None
