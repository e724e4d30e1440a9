"""Tables of tags and of their assignment to tasks."""

from datetime import datetime
from typing import TypedDict

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Table,
    text,
)

from taskstead.db.sql.types import Id, Instant, SortKey
from taskstead.tables.metadata import metadata

tags = Table(
    "tags",
    metadata,
    Column("workspace_id", Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Id, primary_key=True),
    Column("name", String(100), nullable=False),
    # The name, case-folded. Unique among the tags that are not in the trash.
    Column("name_key", SortKey, nullable=False),
    # Sort key of the name. Accents are compared only if the base letters are equal
    # (domain.names.make_sort_key).
    Column("sort_key", SortKey, nullable=False, server_default=""),
    Column("color", String(7)),
    Column("revision", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    # There is no `deleted_batch`: a trashed tag is removed from its tasks, so the restore of a task
    # does not restore its tags.
    Column("deleted_at", Instant),
)

Index(
    "uq_tags_live_name",
    tags.c.workspace_id,
    tags.c.name_key,
    unique=True,
    sqlite_where=text("deleted_at IS NULL"),
    postgresql_where=text("deleted_at IS NULL"),
)

task_tags = Table(
    "task_tags",
    metadata,
    Column("workspace_id", Id, primary_key=True),
    Column("task_id", Id, primary_key=True),
    Column("tag_id", Id, primary_key=True),
    ForeignKeyConstraint(
        ["workspace_id", "task_id"],
        ["tasks.workspace_id", "tasks.id"],
        ondelete="CASCADE",
        name="fk_task_tags_task",
    ),
    ForeignKeyConstraint(
        ["workspace_id", "tag_id"],
        ["tags.workspace_id", "tags.id"],
        ondelete="CASCADE",
        name="fk_task_tags_tag",
    ),
    Index("ix_task_tags_tag", "workspace_id", "tag_id", "task_id"),
)


class TagRow(TypedDict):
    """A row of the table of tags."""

    workspace_id: str
    id: str
    name: str
    name_key: str
    sort_key: str
    color: str | None
    revision: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class CountedTagRow(TagRow):
    """A tag with the numbers of its tasks outside the trash."""

    task_count: int
    open_task_count: int
