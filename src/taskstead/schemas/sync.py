"""What a replica of a workspace is told: the rows as they are now, and what is gone.

A replica puts names to ids by itself. So nothing here shows what can change without a change of
its own: a task has the ids of its category and tags, a category no counts, a member no name.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from taskstead.db.statements import Row
from taskstead.schemas.base import Output
from taskstead.schemas.tasks import Status
from taskstead.schemas.workspaces import Role

Revision = Annotated[int, Field(description="The number of its last change in the workspace.")]
Trashed = Annotated[datetime | None, Field(description="Set while it is in the trash.")]


class SyncedWorkspace(Output):
    """The workspace itself."""

    id: str
    name: str
    personal: bool
    created_at: datetime
    updated_at: datetime


class SyncedMember(Output):
    """A member. Names and addresses: `GET /api/v1/workspaces/{workspace_id}/members`."""

    id: Annotated[str, Field(description="The user's id.")]
    role: Role
    revision: Revision
    created_at: datetime
    updated_at: datetime


class SyncedCategory(Output):
    """A category, in the trash or not."""

    id: str
    name: str
    colour: str | None
    position: int
    archived: bool
    revision: Revision
    created_at: datetime
    updated_at: datetime
    deleted_at: Trashed


class SyncedTag(Output):
    """A tag, in the trash or not."""

    id: str
    name: str
    colour: str | None
    revision: Revision
    created_at: datetime
    updated_at: datetime
    deleted_at: Trashed


class SyncedTask(Output):
    """A task, in the trash or not."""

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
    position: Annotated[str, Field(description="Key of the manual order; compare byte by byte.")]
    revision: Revision
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    deleted_at: Trashed


class Tombstone(Output):
    """What is left of a thing that is gone for good."""

    kind: Literal["workspace", "member", "category", "tag", "task"]
    id: Annotated[str, Field(description="Its id; a member's is the user's.")]
    action: Literal["purged"]


class Changes(Output):
    """One page of what has changed, each thing once and as it is now, by kind in log order."""

    workspace: Annotated[SyncedWorkspace | None, Field(description="Null: it has not changed.")]
    members: list[SyncedMember]
    categories: list[SyncedCategory]
    tags: list[SyncedTag]
    tasks: list[SyncedTask]
    removed: Annotated[list[Tombstone], Field(description="What is gone for good.")]
    revision: Annotated[
        int, Field(description="All changes up to this one are told when `has_more` is false.")
    ]
    next: Annotated[
        str, Field(description="Hand it back as `since` for what comes after; keep it. Opaque.")
    ]
    has_more: Annotated[
        bool,
        Field(
            description="Ask again at once. When false, the replica is exactly what the workspace "
            "was at `revision`."
        ),
    ]


# The fields of each kind that are columns of the same name.
_SAME = {
    "workspace": ("id", "name", "created_at", "updated_at"),
    "member": ("role", "revision", "created_at", "updated_at"),
    "category": (
        *("id", "name", "colour", "position"),
        *("revision", "created_at", "updated_at", "deleted_at"),
    ),
    "tag": ("id", "name", "colour", "revision", "created_at", "updated_at", "deleted_at"),
    "task": (
        *("id", "number", "title", "description", "status", "priority"),
        *("due_date", "due_time_zone", "category_id", "tag_ids", "position"),
        *("revision", "created_at", "updated_at", "completed_at", "deleted_at"),
    ),
}


def render_synced(kind: str, row: Row) -> dict[str, Any]:
    """Return the JSON data of a row of ``queries.sync``, shaped as the kind's class here."""
    data = {name: row[name] for name in _SAME[kind]}
    if kind == "workspace":
        data["personal"] = row["is_personal"]
    elif kind == "member":
        data["id"] = row["user_id"]
    elif kind == "category":
        data["archived"] = row["is_archived"]
    elif kind == "task":
        data["completed"] = row["status"] == "done"
        data["parent"] = row["parent_id"]
        data["assignee"] = row["assignee_id"]
    return data
