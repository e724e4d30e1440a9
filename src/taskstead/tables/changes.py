"""Table of the change log: one row per changed entity, numbered by the workspace's revision.

A batch is the set of changes of one transaction. The revisions of a workspace have no gaps, except
where log compaction has deleted changes. ``services/changelog.py`` writes the rows.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, String, Table

from taskstead.db.sql.types import Id, Instant, Json
from taskstead.tables.metadata import metadata

changes = Table(
    "changes",
    metadata,
    Column("workspace_id", Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    # The kind of an entity (entities/). No constraint checks it, so a new kind does not change the
    # table.
    Column("kind", String(10), nullable=False),
    Column("entity_id", Id, nullable=False),
    Column("action", String(10), nullable=False),
    Column("batch_id", Id, nullable=False),
    # The user who made the change; null for the server.
    Column("user_id", Id),
    # The session or API token of the request; null for the server and the command line.
    Column("credential_id", Id),
    Column("at", Instant, nullable=False),
    # The only user who sees the change; null if all members see it.
    Column("visible_to", Id),
    # {field: [old value, new value]}, with the values in JSON.
    Column("fields", Json, nullable=False),
    CheckConstraint(
        "action IN ('created', 'updated', 'trashed', 'restored', 'purged')", name="action"
    ),
    Index("ix_changes_entity", "workspace_id", "kind", "entity_id", "revision"),
    Index("ix_changes_batch", "workspace_id", "batch_id"),
)


Action = Literal["created", "updated", "trashed", "restored", "purged"]


class ChangeRow(TypedDict):
    """A row of the change log.

    ``fields`` has the old and the new value of each changed field.
    """

    workspace_id: str
    revision: int
    kind: str
    entity_id: str
    action: Action
    batch_id: str
    user_id: str | None
    credential_id: str | None
    at: datetime
    visible_to: str | None
    fields: dict[str, tuple[Any, Any]]


class EventRow(TypedDict):
    """A change without its fields. ``id`` is the id of the changed entity."""

    revision: int
    kind: str
    id: str
    action: Action
    batch_id: str
    user_id: str | None
    at: datetime
    visible_to: str | None


# Fields that contain the id of another row, or a list of such ids, with the kind of that row.
REFERENCED_KINDS = {
    "category_id": "category",
    "tag_ids": "tag",
    "parent_id": "task",
    "assignee_id": "user",
    "created_by": "user",
    "task_id": "task",
    "ended_by": "user",
    "owner_id": "user",
}


def list_referred_ids(value: Any) -> Sequence[str]:
    """Return the ids in the old or new value of one of :data:`REFERENCED_KINDS`."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


class EntityNameRow(TypedDict):
    """The name of an entity that changes refer to. Only tasks have a number."""

    kind: str
    id: str
    name: str | None
    number: int | None
