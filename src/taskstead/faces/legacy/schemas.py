"""Schemas of the deprecated to-do APIs.

Their objects are flat, and their ``id`` is the task's number.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from taskstead.domain.task_fields import MAX_TAGS
from taskstead.schemas.base import UNSENT, Input, Output, drop_defaults
from taskstead.schemas.dates import DueText
from taskstead.schemas.tasks.bulk import MAX_OPERATIONS
from taskstead.schemas.text import CategoryName, Description, TagName, Title

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
