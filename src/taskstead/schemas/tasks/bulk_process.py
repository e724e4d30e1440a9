"""Schemas of bulk processing: one action on all tasks that match a filter."""

from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from taskstead.schemas.base import Input, Output, drop_defaults
from taskstead.schemas.filters import FilterWarnings
from taskstead.schemas.tasks.filters import FilterText, TaskFilter, TrashFilter
from taskstead.schemas.tasks.references import TaskReference
from taskstead.schemas.tasks.subtasks import SubtasksField, TrashSubtasksField
from taskstead.schemas.text import CategoryName, TagName, Uuid

_MAX_DAYS = 36_500
MAX_IDS = 1000


class ProcessFilter(TaskFilter):
    """The filter of a bulk process. It is evaluated when the job starts."""

    model_config = ConfigDict(extra="forbid", strict=True)

    deleted: Annotated[
        Literal["exclude"], Field(description="Tasks in the trash are never processed.")
    ] = "exclude"

    @property
    def effective_trash(self) -> TrashFilter:
        """Tasks in the trash are excluded, even if the text of the filter contains them."""
        return "exclude"


def _expand_filter(value: object) -> object:
    """Return the filter parameters that a text in the filter language stands for."""
    return {"filter": value} if isinstance(value, str) else value


class _Process(Input):
    filter: Annotated[
        ProcessFilter | None,
        BeforeValidator(_expand_filter, json_schema_input_type=ProcessFilter | FilterText | None),
        Field(
            description="The filter parameters of the task list, or a text in the filter language. "
            "An empty filter matches all tasks. Send either `filter` or `ids`."
        ),
    ] = None
    ids: Annotated[
        list[TaskReference] | None,
        Field(
            min_length=1,
            max_length=MAX_IDS,
            description="The tasks by id or number. All must exist. A task in the trash is "
            "reported as an error of the job.",
        ),
    ] = None
    allow_unknown: Annotated[
        bool,
        Field(description="Accept unknown names in `filter`."),
    ] = False
    dry_run: Annotated[
        bool,
        Field(description="Only return the tasks that would be processed."),
    ] = False

    @model_validator(mode="after")
    def _check_selection(self) -> Self:
        if (self.filter is None) is (self.ids is None):
            code = "one_selection"
            raise PydanticCustomError(code, "Send exactly one of filter and ids")
        return self


Process = TypeVar("Process", bound=_Process)


def _check_one_label(process: Process, name: str) -> Process:
    """Check that exactly one of the name and the id of a label was sent."""
    if len(process.model_fields_set & {name, f"{name}_id"}) != 1:
        code = "one_label"
        raise PydanticCustomError(code, "Send exactly one of {name} and {name}_id", {"name": name})
    return process


class CompleteAll(_Process):
    """Set the status to `done`."""

    action: Literal["complete"]
    subtasks: SubtasksField = None

    def make_values(self) -> dict[str, Any]:
        """Return the values to change in every task."""
        return {"status": "done"}


class MoveAll(_Process):
    """Move the tasks to a category: exactly one of `category` and `category_id`."""

    action: Literal["move"]
    subtasks: SubtasksField = None
    category: Annotated[
        CategoryName | None,
        Field(description="The category by name. It is created if it does not exist. Null: none."),
    ] = None
    category_id: Annotated[Uuid | None, Field(description="The category by id. Null: none.")] = None

    @model_validator(mode="after")
    def _check_choice(self) -> Self:
        return _check_one_label(self, "category")

    def make_values(self) -> dict[str, Any]:
        """Return the values to change in every task."""
        return self.model_dump(include={"category", "category_id"}, exclude_unset=True)


class _TagProcess(_Process):
    tag: Annotated[TagName | None, Field(description="The tag by name.")] = None
    tag_id: Annotated[Uuid | None, Field(description="The tag by id.")] = None

    @model_validator(mode="after")
    def _check_choice(self) -> Self:
        if self.tag is None and self.tag_id is None:
            code = "one_label"
            raise PydanticCustomError(code, "Send exactly one of tag and tag_id")
        return _check_one_label(self, "tag")

    def _list_tags(self) -> tuple[list[str], list[str]]:
        """Return a list of tag names and a list of tag ids. One list has the tag, one is empty."""
        return [self.tag] if self.tag else [], [self.tag_id] if self.tag_id else []


class AddTagToAll(_TagProcess):
    """Add a tag to the tasks: exactly one of `tag` and `tag_id`.

    A `tag` that does not exist is created.
    """

    action: Literal["add_tag"]

    def make_values(self) -> dict[str, Any]:
        """Return the values to change in every task."""
        names, ids = self._list_tags()
        return {"add_tags": names, "add_tag_ids": ids}


class RemoveTagFromAll(_TagProcess):
    """Remove a tag from the tasks: exactly one of `tag` and `tag_id`."""

    action: Literal["remove_tag"]

    def make_values(self) -> dict[str, Any]:
        """Return the values to change in every task."""
        names, ids = self._list_tags()
        return {"remove_tags": names, "remove_tag_ids": ids}


class SetPriorityOfAll(_Process):
    """Set the priority of the tasks."""

    action: Literal["set_priority"]
    priority: Annotated[int, Field(ge=1, le=5, description="1 is the highest.")]

    def make_values(self) -> dict[str, Any]:
        """Return the values to change in every task."""
        return {"priority": self.priority}


class ShiftDueDatesOfAll(_Process):
    """Shift the due dates by whole days. Tasks without a due date are unchanged.

    The time of day stays the same. It is the time in the task's time zone, if the task has one.
    """

    action: Literal["shift_due_dates"]
    days: Annotated[
        int,
        Field(
            ge=-_MAX_DAYS,
            le=_MAX_DAYS,
            description="The number of days. Negative values shift to earlier dates.",
        ),
    ]


class TrashAll(_Process):
    """Move the tasks and their sub-tasks to the trash."""

    action: Literal["trash"]
    subtasks: TrashSubtasksField = None


Labelling = MoveAll | AddTagToAll | RemoveTagFromAll
Editing = (
    CompleteAll | MoveAll | AddTagToAll | RemoveTagFromAll | SetPriorityOfAll | ShiftDueDatesOfAll
)
BulkProcess = Annotated[Editing | TrashAll, Field(discriminator="action")]


class SampledTask(Output):
    """A task that a bulk process would process."""

    id: str
    number: int
    title: str


class BulkPreview(Output):
    """The response to the dry run of a bulk process."""

    model_config = ConfigDict(json_schema_extra=drop_defaults)

    dry_run: Literal[True]
    matched: Annotated[int, Field(description="The number of matching tasks.")]
    sample: Annotated[
        list[SampledTask], Field(description="The first tasks by number, at most 20.")
    ]
    warnings: FilterWarnings
