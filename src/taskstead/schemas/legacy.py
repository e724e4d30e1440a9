"""Schemas of the deprecated to-do APIs.

Their objects are flat, and their ``id`` is the task's number. Only ``faces/legacy/routes.py`` and
``http/responses/legacy_errors.py`` use these schemas.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from taskstead.domain.due_dates import add_offset, parse_due_date
from taskstead.domain.text import CategoryName, Description, TagName, Title
from taskstead.schemas.base import UNSENT, Input, Output, drop_defaults
from taskstead.schemas.tasks.bulk import MAX_OPERATIONS, BulkRequest
from taskstead.schemas.tasks.bulk_process import Editing, TrashAll, read_process
from taskstead.schemas.tasks.tasks import MAX_TAGS, DueText, TaskCreate, TaskPatch
from taskstead.tables.tasks import LabelledTaskRow, SortedTaskRow

MAX_TODOS = MAX_OPERATIONS

LegacyDescription = Annotated[
    Description | None, Field(description="Null is equivalent to an empty text.")
]
TodoNumber = Annotated[int, Field(ge=1, lt=10**18)]


class ItemCreate(Input):
    """A new item."""

    title: Annotated[Title, Field(examples=["Buy oat milk"])]
    description: LegacyDescription = None
    completed: bool = False


class TodoCreate(ItemCreate):
    """A new to-do, or the new values of all its fields. Omitted fields get their default values."""

    priority: Annotated[int, Field(ge=1, le=5, description="1 is the highest.")] = 3
    due_date: Annotated[
        DueText | None,
        Field(
            description="Stored as given. Returned with an offset if the task has a time zone.",
            examples=["2026-12-01"],
        ),
    ] = None
    category: Annotated[
        CategoryName | None,
        Field(
            description="The category by name. It is created if it does not exist.",
            examples=["Household"],
        ),
    ] = None
    tags: Annotated[list[TagName], Field(max_length=MAX_TAGS, examples=[["errand"]])] = []  # noqa: RUF012 - copied


class TodoPatch(TodoCreate):
    """Changes to a to-do. Omitted fields keep their values."""

    model_config = ConfigDict(json_schema_extra=drop_defaults)

    title: Title = UNSENT


class TodoProcess(Input):
    """One action on many to-dos."""

    ids: Annotated[list[TodoNumber], Field(min_length=1, max_length=MAX_TODOS, examples=[[17, 18]])]
    action: Literal["complete", "reopen", "delete"]


class TodoProcessed(Output):
    """The result of an action on many to-dos."""

    processed: list[int]
    missing: Annotated[
        list[int],
        Field(
            description="The numbers of to-dos that were not processed, for example because they "
            "do not exist."
        ),
    ]


class ProcessingStarted(Output):
    """The to-dos are being processed in the background."""

    message: Literal["Processing started"]


class TodoStatistics(Output):
    """Counts of the to-dos."""

    total: int
    completed: int
    pending: Annotated[int, Field(description="The number of to-dos that are not completed.")]
    overdue: int
    by_priority: Annotated[
        dict[str, int], Field(description="The number of to-dos by priority, `1` to `5`.")
    ]
    by_category: Annotated[
        dict[str, int],
        Field(
            description="The number of to-dos by category name, for the 200 largest categories. "
            "The empty name stands for no category."
        ),
    ]


class ItemError(Output):
    """An error of `/items` and `/api/todo`."""

    error: Annotated[str, Field(description="A short description of the kind of error.")]
    details: str


class TodoErrorInfo(Output):
    """The details of an error of `/todos`."""

    code: Annotated[str, Field(description="The error code; see `/docs/errors`.")]
    message: str
    timestamp: datetime


class TodoError(Output):
    """An error of `/todos`."""

    error: TodoErrorInfo


class Item(Output):
    """An item."""

    id: Annotated[int, Field(description="The task's number.")]
    title: str
    description: str | None
    completed: bool


class Todo(Item):
    """A to-do."""

    priority: int
    due_date: str | None
    category: Annotated[str | None, Field(description="The category name.")]
    tags: list[str]
    created_at: datetime
    updated_at: datetime


def make_task_create(body: ItemCreate) -> TaskCreate:
    """Convert an item or a to-do to a new task."""
    return TaskCreate.model_validate(_dump_fields(body, exclude_unset=True))


def make_task_patch(body: TodoPatch) -> TaskPatch:
    """Convert changes to a to-do to a task patch."""
    return TaskPatch.model_validate(_drop_time_zone(_dump_fields(body, exclude_unset=True)))


def make_task_replacement(body: TodoCreate) -> TaskPatch:
    """Return a task patch that replaces all fields of a to-do and keeps the other fields."""
    return TaskPatch.model_validate(_drop_time_zone(_dump_fields(body, exclude_unset=False)))


def make_bulk_request(numbers: list[int], action: str) -> BulkRequest:
    """Return a bulk request that applies an action to each to-do."""
    operation: dict[str, Any] = (
        {"op": "trash"}
        if action == "delete"
        else {"op": "update", "task": {"completed": action == "complete"}}
    )
    operations = [{**operation, "id": number} for number in numbers]
    return BulkRequest.model_validate({"operations": operations, "atomic": False})


def make_complete_all() -> Editing | TrashAll:
    """Return a bulk process that completes all open to-dos."""
    return read_process({"filter": {"completed": False}, "action": "complete"})


def _dump_fields(body: ItemCreate, *, exclude_unset: bool) -> dict[str, Any]:
    fields = body.model_dump(exclude_unset=exclude_unset)
    if fields.get("description", "") is None:
        fields["description"] = ""
    return fields


def _drop_time_zone(fields: dict[str, Any]) -> dict[str, Any]:
    """Clear the task's time zone if the new due date is a local time.

    These APIs have no field for the time zone, so it would otherwise apply to the new due date.
    """
    text = fields.get("due_date")
    if text is not None and parse_due_date(text).kind == "floating":
        return {**fields, "due_time_zone": None}
    return fields


def render_item(row: SortedTaskRow | LabelledTaskRow) -> dict[str, Any]:
    """Return a task as JSON data of :class:`Item`."""
    return {
        "id": row["number"],
        "title": row["title"],
        "description": row["description"] or None,
        "completed": row["status"] == "done",
    }


def render_todo(row: SortedTaskRow | LabelledTaskRow) -> dict[str, Any]:
    """Return a task as JSON data of :class:`Todo`."""
    return {
        **render_item(row),
        "priority": row["priority"],
        "due_date": row["due_date"] and add_offset(row["due_date"], row["due_time_zone"]),
        "category": row["category_name"],
        "tags": row["tags"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def render_todo_statistics(statistics: Mapping[str, Any]) -> dict[str, Any]:
    """Return statistics of ``queries.tasks.statistics`` as JSON data of :class:`TodoStatistics`."""
    by_status = {row["status"]: row["total"] for row in statistics["by_status"]}
    completed = by_status["done"]
    return {
        "total": statistics["total"],
        "completed": completed,
        "pending": statistics["total"] - completed,
        "overdue": statistics["overdue"],
        "by_priority": {str(row["priority"]): row["total"] for row in statistics["by_priority"]},
        "by_category": {
            row["category"]["name"] if row["category"] else "": row["total"]
            for row in statistics["by_category"]
        },
    }
