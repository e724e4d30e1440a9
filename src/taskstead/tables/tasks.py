"""Table of tasks, with one index for each common filter and sort order of a listing."""

from datetime import datetime
from typing import NotRequired, TypedDict

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

from taskstead.db.sql.types import Id, Instant, Json, SortKey
from taskstead.domain.recurrence.rules import MAX_RULE_LENGTH
from taskstead.domain.recurrence.series import RepeatMode
from taskstead.tables.metadata import metadata

tasks = Table(
    "tasks",
    metadata,
    Column("workspace_id", Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Id, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("title", String(500), nullable=False),
    # Sort key of the title (domain.names.make_sort_key).
    Column("title_key", SortKey, nullable=False, server_default=""),
    Column("description", Text, nullable=False),
    Column("status", String(12), nullable=False),
    Column("priority", SmallInteger, nullable=False),
    # The due date as the client sent it, and its IANA time zone if one was sent. `due_kind` and
    # `due_at` are derived from both, for sorting and filtering. There are three kinds:
    # - instant: a date-time with an offset, or one with a time zone. `due_at` is in UTC.
    # - floating: a date-time without either, which means the local time of the reader.
    # - date: a day.
    # For a floating date-time and a date, `due_at` is the local time, stored as if it were UTC.
    Column("due_date", String(100)),
    Column("due_time_zone", String(64)),
    Column("due_kind", String(8)),
    Column("due_at", Instant),
    # The recurrence rule (RFC 5545, as the client sent it), or null if the task does not repeat.
    # The other `repeat_…` columns are null without a rule.
    Column("repeat_rule", String(MAX_RULE_LENGTH)),
    Column("repeat_mode", String(10)),
    # The excluded occurrences, a list.
    Column("repeat_except", Json),
    # The due date from which the rule counts; the occurrence that the due date stands for; and the
    # number of occurrences that are over (domain/recurrence/series.py).
    Column("repeat_start", String(100)),
    Column("repeat_at", String(20)),
    Column("repeat_gone", BigInteger),
    Column("category_id", Id),
    Column("parent_id", Id),
    Column("assignee_id", Id),
    # Key of the manual order (a fractional index), compared byte by byte.
    Column("position", SortKey, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("completed_at", Instant),
    Column("deleted_at", Instant),
    # The batch of the change log that moved the task to the trash. A restore brings back the
    # sub-tasks that the same batch trashed.
    Column("deleted_batch", Id),
    CheckConstraint("status IN ('todo', 'in_progress', 'done', 'cancelled')", name="status"),
    CheckConstraint("priority BETWEEN 1 AND 5", name="priority"),
    CheckConstraint("due_kind IN ('date', 'floating', 'instant')", name="due_kind"),
    CheckConstraint("(completed_at IS NOT NULL) = (status = 'done')", name="completed_at"),
    CheckConstraint("repeat_mode IN ('schedule', 'each', 'completion')", name="repeat_mode"),
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

# Partial indexes for columns that are null in most rows. They are smaller and cheaper to write.
# With a full index, SQLite's planner would assume that nearly all rows have the same value.
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

_repeats = tasks.c.repeat_rule.is_not(None)
Index(
    "ix_tasks_repeating",
    tasks.c.workspace_id,
    tasks.c.number,
    sqlite_where=_repeats,
    postgresql_where=_repeats,
)


class _ListedColumns(TypedDict):
    """The columns of a task that listings return."""

    workspace_id: str
    id: str
    number: int
    title: str
    status: str
    priority: int
    due_date: str | None
    due_time_zone: str | None
    repeat_rule: str | None
    repeat_mode: RepeatMode | None
    repeat_except: list[str] | None
    repeat_start: str | None
    repeat_at: str | None
    repeat_gone: int | None
    category_id: str | None
    parent_id: str | None
    assignee_id: str | None
    position: str
    revision: int
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    deleted_at: datetime | None


class _Tags(TypedDict):
    """The ids of the tags of a task, in order."""

    tag_ids: list[str]


class _LabelNames(TypedDict):
    """The name of the category and the names of the tags of a task, in alphabetical order."""

    category_name: str | None
    tags: list[str]


class _SubtaskCounts(TypedDict):
    """The counts of the direct sub-tasks of a task outside the trash."""

    subtask_count: int
    open_subtask_count: int


class TaskRow(_ListedColumns):
    """A row of the table of tasks."""

    title_key: str
    description: str
    due_kind: str | None
    due_at: datetime | None
    created_by: str
    deleted_batch: str | None


class TaskCountsRow(TypedDict):
    """The numbers of all tasks of a workspace and of the open ones, including the trash."""

    total: int
    open: int


class TaggedTaskRow(TaskRow, _Tags):
    """A task with the ids of its tags."""


class LabelledTaskRow(TaggedTaskRow, _LabelNames):
    """A task with its tags and the name of its category."""


class CountedTaskRow(LabelledTaskRow, _SubtaskCounts):
    """A task with its labels and the counts of its sub-tasks."""


class TaskDetailRow(CountedTaskRow):
    """A task with everything that a response and its ETag need.

    The revisions are those of the category and of the tag that was changed last.
    """

    category_revision: int | None
    tags_revision: int | None


class ShownTaskRow(_ListedColumns, _Tags, _LabelNames):
    """The part of a task that every response shows. All rows with labels have it."""


class ListedTaskRow(ShownTaskRow, _SubtaskCounts):
    """A task in a listing, without its description."""


class SortedTaskRow(ListedTaskRow):
    """A task in a sorted listing.

    The description is only there if it was requested, and the other keys if they are in the sort
    order.
    """

    description: NotRequired[str]
    title_key: NotRequired[str]
    due_at: NotRequired[datetime | None]
    relevance: NotRequired[int]


class IndexedTaskRow(TypedDict):
    """The text of a task, for the full-text index. All rows with labels have it."""

    workspace_id: str
    id: str
    title: str
    description: str
    tags: list[str]
