"""Table of the past occurrences of repeating tasks: those that were completed or skipped."""

from datetime import datetime
from typing import Literal, TypedDict

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Table,
)

from taskstead.db.sql.types import Id, Instant
from taskstead.tables.metadata import metadata

occurrences = Table(
    "occurrences",
    metadata,
    Column("workspace_id", Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Id, primary_key=True),
    Column("task_id", Id, nullable=False),
    # The scheduled date or local time, which identifies the occurrence in its series.
    Column("occurrence", String(20), nullable=False),
    # The due date and its time zone, which differ from the scheduled time if the user moved it.
    Column("due_date", String(100), nullable=False),
    Column("due_time_zone", String(64)),
    Column("outcome", String(7), nullable=False),
    # When and by whom it was completed or skipped. The user is null for the server.
    Column("ended_at", Instant, nullable=False),
    Column("ended_by", Id),
    Column("revision", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    # Set when the completion or skip is undone.
    Column("deleted_at", Instant),
    CheckConstraint("outcome IN ('done', 'skipped')", name="outcome"),
    ForeignKeyConstraint(
        ["workspace_id", "task_id"],
        ["tasks.workspace_id", "tasks.id"],
        ondelete="CASCADE",
        name="fk_occurrences_task",
    ),
    Index("ix_occurrences_task", "workspace_id", "task_id", "ended_at", "id"),
    Index("ix_occurrences_ended", "workspace_id", "ended_at"),
)

Index(
    "ix_occurrences_deleted",
    occurrences.c.workspace_id,
    occurrences.c.deleted_at,
    sqlite_where=occurrences.c.deleted_at.is_not(None),
    postgresql_where=occurrences.c.deleted_at.is_not(None),
)

OccurrenceOutcome = Literal["done", "skipped"]


class OccurrenceRow(TypedDict):
    """A row of the table of occurrences."""

    workspace_id: str
    id: str
    task_id: str
    occurrence: str
    due_date: str
    due_time_zone: str | None
    outcome: OccurrenceOutcome
    ended_at: datetime
    ended_by: str | None
    revision: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
