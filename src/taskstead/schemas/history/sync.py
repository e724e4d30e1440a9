"""Schemas of incremental sync: the current values of changed rows, and tombstones of deleted rows.

Sync returns a row only if the row itself has changed. The data of a row therefore contains nothing
that can change without it: a task has the ids of its category and tags instead of their names, and
a category has no task counts. The client finds names by id. A new name of a user is a change of the
user's memberships (``services/workspaces/member_names.py``).
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from taskstead.domain.change_kinds import ChangeKind
from taskstead.domain.recurrence.series import RepeatMode
from taskstead.schemas.base import Output, drop_defaults
from taskstead.schemas.filters import FilterWarnings
from taskstead.schemas.saved_filters import SavedFilter
from taskstead.schemas.tasks.repeats import (
    EndedOccurrence,
    RepeatAt,
    RepeatGone,
    RepeatStart,
)
from taskstead.schemas.tasks.tasks import Status
from taskstead.schemas.workspaces import Role

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
    """A member. A new name or e-mail address is a change of the member."""

    id: Annotated[str, Field(description="The user's id.")]
    email: str
    name: str
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


class SyncedFilter(SavedFilter):
    """A saved filter. It may be in the trash."""

    deleted_at: TrashedAt


class SyncedOccurrence(EndedOccurrence):
    """A completed or skipped occurrence of a repeating task. It may be in the trash."""

    task_id: str
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
    repeat_rule: str | None
    repeat_mode: RepeatMode | None
    repeat_except: list[str]
    repeat_start: RepeatStart
    repeat_at: RepeatAt
    repeat_gone: RepeatGone
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
    """A tombstone: a row to delete from your copy."""

    kind: ChangeKind
    id: Annotated[str, Field(description="The id of the row; for a member, the user id.")]
    action: Annotated[
        Literal["purged", "unmatched"],
        Field(
            description="`purged`: a permanently deleted row, or a saved filter of another member "
            "that is no longer shared. `unmatched`: a changed task that does not match `filter`. "
            "Your copy may not contain it."
        ),
    ]


class TaskCounts(Output):
    """The numbers of tasks in the workspace, including the trash and regardless of a filter."""

    total: int
    open: Annotated[int, Field(description="The tasks that are `todo` or `in_progress`.")]
    closed: Annotated[int, Field(description="The tasks that are `done` or `cancelled`.")]


class Changes(Output):
    """One page of changed rows with their current values.

    Each row is included once. Within a kind, the rows are in the order of their last changes.
    """

    model_config = ConfigDict(json_schema_extra=drop_defaults)

    workspace: Annotated[SyncedWorkspace | None, Field(description="Null if it has not changed.")]
    counts: Annotated[
        TaskCounts | None,
        Field(description="On the first page of a sync without a token; otherwise null."),
    ]
    members: list[SyncedMember]
    categories: list[SyncedCategory]
    tags: list[SyncedTag]
    tasks: list[SyncedTask]
    occurrences: list[SyncedOccurrence]
    filters: Annotated[
        list[SyncedFilter], Field(description="Your own saved filters and the shared ones.")
    ]
    removed: Annotated[
        list[Tombstone],
        Field(
            description="The permanently deleted rows, the saved filters that are no longer shared "
            "with you, and with `filter`, the changed tasks that do not match it."
        ),
    ]
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
    warnings: FilterWarnings
