"""Schemas of tasks."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    ConfigDict,
    Field,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError

from taskstead.domain.recurrence.series import RepeatMode
from taskstead.domain.task_fields import MAX_TAGS
from taskstead.schemas.base import UNSENT, Input, Output, drop_defaults
from taskstead.schemas.dates import DueText
from taskstead.schemas.tasks.places import TaskPlace
from taskstead.schemas.tasks.references import TaskReference
from taskstead.schemas.tasks.repeats import (
    RepeatAt,
    RepeatExceptField,
    RepeatGone,
    RepeatModeField,
    RepeatRuleField,
    RepeatStart,
)
from taskstead.schemas.text import (
    CategoryName,
    ChosenId,
    Description,
    TagName,
    TimeZone,
    Title,
    Uuid,
)

Status = Literal["todo", "in_progress", "done", "cancelled"]


class TaskFields(Input):
    """The optional fields of a task that users set."""

    description: Annotated[Description, Field(description="Markdown.")] = ""
    status: Annotated[
        Status, Field(description="`completed` is true exactly when this is `done`.")
    ] = "todo"
    completed: Annotated[
        bool,
        Field(
            description="True sets the status to `done`. False sets a status of `done` to `todo`."
        ),
    ] = False
    priority: Annotated[int, Field(ge=1, le=5, description="1 is the highest.")] = 3
    due_date: Annotated[
        DueText | None,
        Field(
            description="A date, a local date-time or a date-time with offset. Stored as given.",
            examples=["2026-12-01", "2026-12-01T09:00:00", "2026-12-01T09:00:00+01:00"],
        ),
    ] = None
    due_time_zone: Annotated[
        TimeZone | None,
        Field(
            description="The IANA time zone of a local date-time in `due_date`. The task is then "
            "due at the same time for every reader. A date is not affected."
        ),
    ] = None
    repeat_rule: RepeatRuleField = None
    repeat_mode: RepeatModeField = None
    repeat_except: RepeatExceptField = []  # noqa: RUF012 - pydantic copies it
    category: Annotated[
        CategoryName | None,
        Field(
            description="The category by name, ignoring case. It is created if it does not exist."
        ),
    ] = None
    category_id: Annotated[
        Uuid | None,
        Field(description="The category by id. It must exist. Use it instead of `category`."),
    ] = None
    tags: Annotated[
        list[TagName],
        Field(
            max_length=MAX_TAGS, description="The tags by name. Tags that do not exist are created."
        ),
    ] = []  # noqa: RUF012 - pydantic copies it
    tag_ids: Annotated[
        list[Uuid],
        Field(
            max_length=MAX_TAGS,
            description="The tags by id. They must exist. Use it instead of `tags`.",
        ),
    ] = []  # noqa: RUF012 - pydantic copies it
    parent: Annotated[
        TaskReference | None, Field(description="The parent task, by id or number.")
    ] = None
    assignee: Annotated[
        Uuid | None, Field(description="A member of the workspace, by user id.")
    ] = None

    place: Annotated[
        TaskPlace | None,
        Field(
            description="The position in the manual order. Default: last for a new task, otherwise "
            "unchanged."
        ),
    ] = None

    @model_validator(mode="after")
    def _check_pairs(self) -> Self:
        sent_fields = self.model_fields_set
        if {"status", "completed"} <= sent_fields and (self.status == "done") is not self.completed:
            code = "status_contradiction"
            raise PydanticCustomError(code, "status and completed contradict each other")
        # A patch without a due date may add a time zone to the existing due date.
        is_date_known = "due_date" in sent_fields or isinstance(self, TaskReplace)
        if self.due_time_zone is not None and is_date_known and self.due_date is None:
            code = "zone_without_date"
            raise PydanticCustomError(code, "due_time_zone requires a due_date")
        return self


class TaskReplace(TaskFields):
    """The new values of all fields of a task. Omitted fields get their default values."""

    title: Title

    def list_values(self) -> dict[str, Any]:
        """Return the values of all fields of a task by name. ``completed`` is in ``status``."""
        values = {name: getattr(self, name) for name in TaskReplace.model_fields}
        if "status" not in self.model_fields_set and values.pop("completed"):
            values["status"] = "done"
        values.pop("completed", None)
        return values


class TaskCreate(TaskReplace):
    """A new task."""

    id: ChosenId = None


_TAG_CHANGES = {"add_tags", "add_tag_ids", "remove_tags", "remove_tag_ids"}


class TaskPatch(TaskFields):
    """Changes to a task. Omitted fields keep their values. Null clears a nullable field."""

    model_config = ConfigDict(json_schema_extra=drop_defaults)

    title: Title = UNSENT
    add_tags: Annotated[
        list[TagName],
        Field(
            max_length=MAX_TAGS,
            description="Tags to add to the existing tags of the task, by name. Tags that do not "
            "exist are created.",
        ),
    ] = []  # noqa: RUF012 - pydantic copies it
    add_tag_ids: Annotated[
        list[Uuid], Field(max_length=MAX_TAGS, description="Tags to add, by id.")
    ] = []  # noqa: RUF012 - pydantic copies it
    remove_tags: Annotated[
        list[TagName],
        Field(
            max_length=MAX_TAGS,
            description="Tags to remove from the task, by name. Tags that the task does not have "
            "are ignored.",
        ),
    ] = []  # noqa: RUF012 - pydantic copies it
    remove_tag_ids: Annotated[
        list[Uuid], Field(max_length=MAX_TAGS, description="Tags to remove, by id.")
    ] = []  # noqa: RUF012 - pydantic copies it

    @model_validator(mode="after")
    def _check_labels(self) -> Self:
        sent_fields = self.model_fields_set
        if {"category", "category_id"} <= sent_fields and (
            (self.category is None) is not (self.category_id is None)
        ):
            code = "category_contradiction"
            raise PydanticCustomError(code, "category and category_id contradict each other")
        if {"tags", "tag_ids"} <= sent_fields and bool(self.tags) is not bool(self.tag_ids):
            code = "tag_contradiction"
            raise PydanticCustomError(code, "tags and tag_ids contradict each other")
        if sent_fields & {"tags", "tag_ids"} and sent_fields & _TAG_CHANGES:
            code = "tag_contradiction"
            raise PydanticCustomError(
                code,
                "tags and tag_ids replace all tags. Send them without add_… and remove_… fields",
            )
        return self

    def list_values(self) -> dict[str, Any]:
        """Return the values of the fields that were sent, by name.

        ``completed`` is only included without ``status``. Its effect depends on the task.
        """
        values = {name: getattr(self, name) for name in self.model_fields_set}
        if "status" in values:
            values.pop("completed", None)
        return values


class CategoryReference(Output):
    """The category of a task."""

    id: str
    name: str


class TaskBase(Output):
    """The fields that all task responses have."""

    id: str
    number: Annotated[int, Field(description="A small number, unique in the workspace.")]
    title: str
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
    category: CategoryReference | None
    category_id: str | None
    tags: Annotated[list[str], Field(description="In alphabetical order.")]
    tag_ids: Annotated[list[str], Field(description="In order of id.")]
    parent: str | None
    assignee: str | None
    position: Annotated[
        str, Field(description="The key of the manual order. Compare keys byte by byte.")
    ]
    revision: Annotated[int, Field(description="The revision of its last change.")]
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    deleted_at: Annotated[
        datetime | None,
        Field(description="When it was moved to the trash; null outside the trash."),
    ]


class TaskCounted(TaskBase):
    """A task with the counts of its sub-tasks."""

    subtask_count: Annotated[
        int, Field(description="The number of direct sub-tasks outside the trash.")
    ]
    open_subtask_count: Annotated[
        int, Field(description="The number of these that are to do or in progress.")
    ]


class Task(TaskCounted):
    """A task."""

    description: str


class TaskRendered(Task):
    """A task with its description as Markdown and as HTML."""

    description_html: Annotated[
        str, Field(description="Sanitised HTML, safe to include in a page.")
    ]


class TaskListed(TaskCounted):
    """A task in a list, without its description."""


_SELECTABLE_FIELDS: dict[str, Any] = {
    name: (field.annotation, None)
    for name, field in {**TaskListed.model_fields, **TaskRendered.model_fields}.items()
}
TaskSelected = create_model(
    "TaskSelected",
    __config__=ConfigDict(extra="forbid", json_schema_extra=drop_defaults),
    __doc__="A task with only the requested fields.",
    **_SELECTABLE_FIELDS,
)
