"""Tables of workspaces (the tenants) and their members."""

from datetime import datetime
from typing import TypedDict

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
)

from taskstead.db.sql.types import Id, Instant
from taskstead.tables.metadata import metadata

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("is_personal", Boolean, nullable=False),
    # The number of the last change in the change log; see services/changelog.py.
    Column("revision", BigInteger, nullable=False),
    # Log compaction has deleted the changes up to this revision, except tombstones (the last
    # change of a deleted entity). All later changes are in the log.
    Column("oldest_revision", BigInteger, nullable=False, server_default="0"),
    # The highest task number assigned so far. Numbers are never reused.
    Column("last_number", BigInteger, nullable=False),
    # The highest order number (integer part of a task position) so far. The next new task gets the
    # number after it, at the end of the manual order. See domain/fractional_index.py.
    Column("last_place", BigInteger, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    # If set, the workspace is in the trash: its owners see it, and its data cannot be read or
    # changed.
    Column("deleted_at", Instant),
)

_is_deleted = workspaces.c.deleted_at.is_not(None)
Index(
    "ix_workspaces_deleted",
    workspaces.c.deleted_at,
    sqlite_where=_is_deleted,
    postgresql_where=_is_deleted,
)

members = Table(
    "members",
    metadata,
    Column("workspace_id", Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role", String(10), nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    CheckConstraint("role IN ('owner', 'editor', 'viewer')", name="role"),
    Index(None, "user_id"),
)


class WorkspaceRow(TypedDict):
    """A row of the table of workspaces."""

    id: str
    name: str
    is_personal: bool
    revision: int
    oldest_revision: int
    last_number: int
    last_place: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class UserWorkspaceRow(WorkspaceRow):
    """A workspace with the role of a user in it."""

    role: str


class MemberRoleRow(TypedDict):
    """The role of a user in a workspace."""

    workspace_id: str
    user_id: str
    role: str
    created_at: datetime


class MemberRow(MemberRoleRow):
    """A row of the table of members."""

    revision: int
    updated_at: datetime


class NamedMemberRow(MemberRow):
    """A member with the user's e-mail address and name."""

    email: str
    name: str
