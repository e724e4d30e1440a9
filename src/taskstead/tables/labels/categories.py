"""Table of categories. A task has at most one category."""

from datetime import datetime
from typing import TypedDict

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, text

from taskstead.db.sql.types import Id, Instant, SortKey
from taskstead.tables.metadata import metadata

categories = Table(
    "categories",
    metadata,
    Column("workspace_id", Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    # The name, case-folded. Unique among the categories that are not in the trash.
    Column("name_key", SortKey, nullable=False),
    # Sort key of the name. Accents are compared only if the base letters are equal
    # (domain.names.make_sort_key).
    Column("sort_key", SortKey, nullable=False, server_default=""),
    Column("color", String(7)),
    Column("position", Integer, nullable=False),
    Column("is_archived", Boolean, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    # The batch of the change log that moved the category to the trash.
    Column("deleted_batch", Id),
)

Index(
    "uq_categories_live_name",
    categories.c.workspace_id,
    categories.c.name_key,
    unique=True,
    sqlite_where=text("deleted_at IS NULL"),
    postgresql_where=text("deleted_at IS NULL"),
)


class CategoryRow(TypedDict):
    """A row of the table of categories."""

    workspace_id: str
    id: str
    name: str
    name_key: str
    sort_key: str
    color: str | None
    position: int
    is_archived: bool
    revision: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    deleted_batch: str | None


class CountedCategoryRow(CategoryRow):
    """A category with the numbers of its tasks outside the trash."""

    task_count: int
    open_task_count: int
