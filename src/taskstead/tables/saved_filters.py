"""Table of saved filters: named filters with the sort order and the grouping of their lists."""

from datetime import datetime
from typing import Literal, TypedDict

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    text,
)

from taskstead.db.sql.types import Id, Instant, SortKey
from taskstead.tables.metadata import metadata

saved_filters = Table(
    "saved_filters",
    metadata,
    Column("workspace_id", Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    # The name, case-folded. Among the filters that are not in the trash, it is unique for each
    # owner, or in the workspace if the filter is shared.
    Column("name_key", SortKey, nullable=False),
    # The text in the filter language.
    Column("filter", String(1000), nullable=False),
    # The case-folded names of the categories and tags in the filter; see
    # domain.filters.renaming.make_label_keys.
    Column("label_keys", Text, nullable=False),
    # The value of the parameter `sort` of task lists; null for the default.
    Column("sort", String(200)),
    Column("group_by", String(10), nullable=False),
    Column("color", String(7)),
    # Key of the manual order (a fractional index), compared byte by byte.
    Column("position", SortKey, nullable=False),
    # The user who created it. Filters that are not shared are visible to their owner only.
    Column("owner_id", Id, nullable=False),
    Column("is_shared", Boolean, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    CheckConstraint(
        "group_by IN ('none', 'due_date', 'priority', 'category', 'tag', 'status', 'assignee')",
        name="group_by",
    ),
    Index("ix_saved_filters_position", "workspace_id", "position", "id"),
)

_IS_OWN = text("deleted_at IS NULL AND NOT is_shared")
_IS_SHARED = text("deleted_at IS NULL AND is_shared")
_IS_DELETED = saved_filters.c.deleted_at.is_not(None)

Index(
    "uq_saved_filters_own_name",
    saved_filters.c.workspace_id,
    saved_filters.c.owner_id,
    saved_filters.c.name_key,
    unique=True,
    sqlite_where=_IS_OWN,
    postgresql_where=_IS_OWN,
)
Index(
    "uq_saved_filters_shared_name",
    saved_filters.c.workspace_id,
    saved_filters.c.name_key,
    unique=True,
    sqlite_where=_IS_SHARED,
    postgresql_where=_IS_SHARED,
)
Index(
    "ix_saved_filters_deleted",
    saved_filters.c.workspace_id,
    saved_filters.c.deleted_at,
    sqlite_where=_IS_DELETED,
    postgresql_where=_IS_DELETED,
)

GroupBy = Literal["none", "due_date", "priority", "category", "tag", "status", "assignee"]


class SavedFilterRow(TypedDict):
    """A row of the table of saved filters."""

    workspace_id: str
    id: str
    name: str
    name_key: str
    filter: str
    label_keys: str
    sort: str | None
    group_by: GroupBy
    color: str | None
    position: str
    owner_id: str
    is_shared: bool
    revision: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
