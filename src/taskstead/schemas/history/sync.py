"""Schemas of incremental sync: the current values of changed rows, and tombstones of deleted rows.

Sync returns a row only if the row itself has changed. The data of a row therefore contains nothing
that can change without it: a task has the ids of its category and tags instead of their names, a
category has no task counts, and a member has no name. The client finds names by id.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from taskstead.schemas.base import Output
from taskstead.schemas.labels.categories import render_category
from taskstead.schemas.labels.tags import render_tag
from taskstead.schemas.tasks.tasks import Status
from taskstead.schemas.workspaces import Role
from taskstead.tables.categories import CategoryRow
from taskstead.tables.tags import TagRow
from taskstead.tables.tasks import TaggedTaskRow
from taskstead.tables.workspaces import MemberRow, WorkspaceRow

Revision = Annotated[
    int, Field(description="The revision of the workspace after the last change of this row.")
]
TrashedAt = Annotated[
    datetime | None,
    Field(
        description="The time at which it was moved to the trash; null if it is not in the trash."
    ),
]


class SyncedWorkspace(Output):
    """The name and times of the workspace, without its content."""

    id: str
    name: str
    personal: bool
    created_at: datetime
    updated_at: datetime


class SyncedMember(Output):
    """A member. For names, use `GET /api/v1/workspaces/{workspace_id}/members`."""

    id: Annotated[str, Field(description="The user's id.")]
    role: Role
    revision: Revision
    created_at: datetime
    updated_at: datetime


class SyncedCategory(Output):
    """A category. It may be in the trash."""

    id: str
    name: str
    color: str | None
    position: int
    archived: bool
    revision: Revision
    created_at: datetime
    updated_at: datetime
    deleted_at: TrashedAt


class SyncedTag(Output):
    """A tag. It may be in the trash."""

    id: str
    name: str
    color: str | None
    revision: Revision
    created_at: datetime
    updated_at: datetime
    deleted_at: TrashedAt


class SyncedTask(Output):
    """A task. It may be in the trash."""

    id: str
    number: int
    title: str
    description: str
    status: Status
    completed: bool
    priority: int
    due_date: str | None
    due_time_zone: str | None
    category_id: str | None
    tag_ids: Annotated[list[str], Field(description="In order of id.")]
    parent: str | None
    assignee: str | None
    position: Annotated[
        str, Field(description="The key of the manual order. Compare keys byte by byte.")
    ]
    revision: Revision
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    deleted_at: TrashedAt


class Tombstone(Output):
    """A tombstone: a permanently deleted row."""

    kind: Literal["workspace", "member", "category", "tag", "task"]
    id: Annotated[str, Field(description="The id of the row; for a member, the user id.")]
    action: Literal["purged"]


class Changes(Output):
    """One page of changed rows with their current values.

    Each row is included once. Within a kind, the rows are in the order of their last changes.
    """

    workspace: Annotated[SyncedWorkspace | None, Field(description="Null if it has not changed.")]
    members: list[SyncedMember]
    categories: list[SyncedCategory]
    tags: list[SyncedTag]
    tasks: list[SyncedTask]
    removed: Annotated[list[Tombstone], Field(description="The permanently deleted rows.")]
    revision: Annotated[
        int,
        Field(
            description="If `has_more` is false, your copy has all changes up to this revision. If "
            "it is true, some of these changes are on later pages."
        ),
    ]
    next: Annotated[
        str,
        Field(
            description="The sync token. Store it and send it as `since` to get later changes. Do "
            "not parse it."
        ),
    ]
    has_more: Annotated[
        bool,
        Field(
            description="True: request the next page at once. False: your copy equals the "
            "workspace at `revision`."
        ),
    ]


def render_synced_workspace(row: WorkspaceRow) -> dict[str, Any]:
    """Return a workspace as JSON data of :class:`SyncedWorkspace`."""
    return {
        "id": row["id"],
        "name": row["name"],
        "personal": row["is_personal"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def render_synced_member(row: MemberRow) -> dict[str, Any]:
    """Return a member as JSON data of :class:`SyncedMember`."""
    return {
        "id": row["user_id"],
        "role": row["role"],
        "revision": row["revision"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def render_synced_category(row: CategoryRow) -> dict[str, Any]:
    """Return a category as JSON data of :class:`SyncedCategory`."""
    return {**render_category(row), "deleted_at": row["deleted_at"]}


def render_synced_tag(row: TagRow) -> dict[str, Any]:
    """Return a tag as JSON data of :class:`SyncedTag`."""
    return {**render_tag(row), "deleted_at": row["deleted_at"]}


def render_synced_task(row: TaggedTaskRow) -> dict[str, Any]:
    """Return a task as JSON data of :class:`SyncedTask`."""
    return {
        "id": row["id"],
        "number": row["number"],
        "title": row["title"],
        "description": row["description"],
        "status": row["status"],
        "completed": row["status"] == "done",
        "priority": row["priority"],
        "due_date": row["due_date"],
        "due_time_zone": row["due_time_zone"],
        "category_id": row["category_id"],
        "tag_ids": row["tag_ids"],
        "parent": row["parent_id"],
        "assignee": row["assignee_id"],
        "position": row["position"],
        "revision": row["revision"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "completed_at": row["completed_at"],
        "deleted_at": row["deleted_at"],
    }
