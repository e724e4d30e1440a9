"""Tasks, with an index for each listing that people and programs ask for."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    Table,
    Text,
)

from taskstead.db.types import Id, Instant, SortKey
from taskstead.tables.metadata import metadata

tasks = Table(
    "tasks",
    metadata,
    Column("workspace_id", Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Id, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("title", String(500), nullable=False),
    # What the title is sorted by (schemas.text.make_sort_key).
    Column("title_key", SortKey, nullable=False, server_default=""),
    Column("description", Text, nullable=False),
    Column("status", String(12), nullable=False),
    Column("priority", SmallInteger, nullable=False),
    # The due date as it was given and its IANA zone where one was named. Derived from both, for
    # sorting and filtering: its kind, and UTC for an instant (a date-time with an offset, or a
    # local one with a zone), local time taken as if it were UTC for a date and a floating time.
    Column("due_date", String(100)),
    Column("due_time_zone", String(64)),
    Column("due_kind", String(8)),
    Column("due_at", Instant),
    Column("category_id", Id),
    Column("parent_id", Id),
    Column("assignee_id", Id),
    # A key for the manual order, compared byte by byte.
    Column("position", SortKey, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("completed_at", Instant),
    Column("deleted_at", Instant),
    # The batch of the log that trashed it: a restore brings back exactly what went with it.
    Column("deleted_batch", Id),
    CheckConstraint("status IN ('todo', 'in_progress', 'done', 'cancelled')", name="status"),
    CheckConstraint("priority BETWEEN 1 AND 5", name="priority"),
    CheckConstraint("due_kind IN ('date', 'floating', 'instant')", name="due_kind"),
    CheckConstraint("(completed_at IS NOT NULL) = (status = 'done')", name="completed_at"),
    ForeignKeyConstraint(
        ["workspace_id", "category_id"],
        ["categories.workspace_id", "categories.id"],
        name="fk_tasks_category",
    ),
    ForeignKeyConstraint(
        ["workspace_id", "parent_id"], ["tasks.workspace_id", "tasks.id"], name="fk_tasks_parent"
    ),
    Index("uq_tasks_number", "workspace_id", "number", unique=True),
    Index("ix_tasks_status", "workspace_id", "status", "priority", "number"),
    Index("ix_tasks_created", "workspace_id", "created_at", "id"),
    Index("ix_tasks_revision", "workspace_id", "revision"),
    Index("ix_tasks_position", "workspace_id", "position", "id"),
)

# Where most rows have no value, an index of the others is smaller, cheaper to write, and does not
# teach SQLite's planner that one value is on every row.
for _name, _columns in {
    "ix_tasks_due": ("due_at", "status"),
    "ix_tasks_category": ("category_id", "number"),
    "ix_tasks_parent": ("parent_id",),
    "ix_tasks_assignee": ("assignee_id", "number"),
    "ix_tasks_deleted": ("deleted_at",),
}.items():
    _is_set = tasks.c[_columns[0]].is_not(None)
    Index(
        _name,
        tasks.c.workspace_id,
        *(tasks.c[column] for column in _columns),
        sqlite_where=_is_set,
        postgresql_where=_is_set,
    )
