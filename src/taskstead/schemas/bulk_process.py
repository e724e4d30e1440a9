"""One action on all tasks that meet a filter, on the wire."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from taskstead.db.statements import Row
from taskstead.schemas.base import Input, Output
from taskstead.schemas.due import shift_due_date
from taskstead.schemas.filters import TaskFilter
from taskstead.schemas.references import TaskReference
from taskstead.schemas.tasks import TaskPatch
from taskstead.schemas.text import CategoryName, TagName, Uuid

_MOST_DAYS = 36_500
MAX_IDS = 1000


class ProcessFilter(TaskFilter):
    """Which tasks: those that meet all of these conditions when the job begins."""

    model_config = ConfigDict(extra="forbid", strict=True)

    deleted: Annotated[
        Literal["exclude"], Field(description="Tasks in the trash are never processed.")
    ] = "exclude"


class _Process(Input):
    filter: Annotated[
        ProcessFilter | None,
        Field(
            description="The parameters of the listing; an empty one stands for all tasks. "
            "Exactly one of `filter` and `ids` is needed."
        ),
    ] = None
    ids: Annotated[
        list[TaskReference] | None,
        Field(
            min_length=1,
            max_length=MAX_IDS,
            description="The tasks themselves, by id or number. All of them have to exist; one in "
            "the trash is an error of the job.",
        ),
    ] = None
    dry_run: Annotated[
        bool,
        Field(description="Answer at once which tasks it would be about, and do nothing."),
    ] = False

    @model_validator(mode="after")
    def _check_selection(self) -> Self:
        if (self.filter is None) is (self.ids is None):
            code = "one_selection"
            raise PydanticCustomError(code, "Exactly one of filter and ids is needed")
        return self


Process = TypeVar("Process", bound=_Process)


def _check_one_label(process: Process, name: str) -> Process:
    """Check that exactly one of a label's name and id was sent."""
    if len(process.model_fields_set & {name, f"{name}_id"}) != 1:
        code = "one_label"
        raise PydanticCustomError(
            code, "Exactly one of {name} and {name}_id is needed", {"name": name}
        )
    return process


class CompleteAll(_Process):
    """Set the status to `done`."""

    action: Literal["complete"]

    def make_patch(self, _task: dict[str, Any]) -> TaskPatch | None:
        """Return the change to a task, a row of ``queries.tasks``; None for none."""
        return TaskPatch(status="done")


class MoveAll(_Process):
    """File the tasks under a category: exactly one of `category` and `category_id`."""

    action: Literal["move"]
    category: Annotated[
        CategoryName | None,
        Field(description="By name; one that does not exist is created. null files under none."),
    ] = None
    category_id: Annotated[
        Uuid | None, Field(description="By id; null files under no category.")
    ] = None

    @model_validator(mode="after")
    def _check_choice(self) -> Self:
        return _check_one_label(self, "category")

    def make_patch(self, _task: dict[str, Any]) -> TaskPatch:
        """Return the change to a task."""
        named = self.model_dump(include={"category", "category_id"}, exclude_unset=True)
        return TaskPatch.model_validate(named)


class _TagProcess(_Process):
    tag: Annotated[TagName | None, Field(description="By name.")] = None
    tag_id: Annotated[Uuid | None, Field(description="By id.")] = None

    @model_validator(mode="after")
    def _check_choice(self) -> Self:
        if self.tag is None and self.tag_id is None:
            code = "one_label"
            raise PydanticCustomError(code, "tag or tag_id is needed")
        return _check_one_label(self, "tag")

    def _list_tags(self) -> tuple[list[str], list[str]]:
        """Return the tag as a list of names and a list of ids, one of them empty."""
        return [self.tag] if self.tag else [], [self.tag_id] if self.tag_id else []


class AddTagToAll(_TagProcess):
    """Add a tag to the tasks: exactly one of `tag`, created if it does not exist, and `tag_id`."""

    action: Literal["add_tag"]

    def make_patch(self, _task: dict[str, Any]) -> TaskPatch:
        """Return the change to a task."""
        names, ids = self._list_tags()
        return TaskPatch(add_tags=names, add_tag_ids=ids)


class RemoveTagFromAll(_TagProcess):
    """Remove a tag from the tasks: exactly one of `tag` and `tag_id`."""

    action: Literal["remove_tag"]

    def make_patch(self, _task: dict[str, Any]) -> TaskPatch:
        """Return the change to a task."""
        names, ids = self._list_tags()
        return TaskPatch(remove_tags=names, remove_tag_ids=ids)


class SetPriorityOfAll(_Process):
    """Give the tasks a priority."""

    action: Literal["set_priority"]
    priority: Annotated[int, Field(ge=1, le=5, description="1 is the highest.")]

    def make_patch(self, _task: dict[str, Any]) -> TaskPatch | None:
        """Return the change to a task; None for none."""
        return TaskPatch(priority=self.priority)


class ShiftDueDatesOfAll(_Process):
    """Move the due dates by whole days; tasks without one stay as they are.

    The time of day stays: where a time zone stands beside the date, as the clocks there show it.
    """

    action: Literal["shift_due_dates"]
    days: Annotated[int, Field(ge=-_MOST_DAYS, le=_MOST_DAYS, description="Negative: earlier.")]

    def make_patch(self, task: dict[str, Any]) -> TaskPatch | None:
        """Return the change to a task; None for none.

        Raises:
            PydanticCustomError: the new date lies outside of the calendar.
        """
        if task["due_date"] is None:
            return None
        try:
            shifted = shift_due_date(task["due_date"], self.days, task["due_time_zone"])
        except (ValueError, OverflowError):
            code, message = "due_date", "The new due date would lie outside of the calendar"
            raise PydanticCustomError(code, message) from None
        return TaskPatch(due_date=shifted)


class TrashAll(_Process):
    """Put the tasks and their sub-tasks in the trash."""

    action: Literal["trash"]


Labelling = MoveAll | AddTagToAll | RemoveTagFromAll
Editing = (
    CompleteAll | MoveAll | AddTagToAll | RemoveTagFromAll | SetPriorityOfAll | ShiftDueDatesOfAll
)
BulkProcess = Annotated[Editing | TrashAll, Field(discriminator="action")]
_ADAPTER: TypeAdapter[Editing | TrashAll] = TypeAdapter(BulkProcess)


def store_process(process: Editing | TrashAll) -> dict[str, Any]:
    """Return what :func:`read_process` reads, as JSON can hold it."""
    return process.model_dump(mode="json", exclude_unset=True, exclude={"dry_run"})


def read_process(stored: Any) -> Editing | TrashAll:
    """Return the process that was stored."""
    return _ADAPTER.validate_python(stored)


class SampledTask(Output):
    """A task that a bulk process would be about."""

    id: str
    number: int
    title: str


class BulkPreview(Output):
    """What a bulk process would be about: the answer to a dry run."""

    dry_run: Literal[True]
    matched: Annotated[int, Field(description="How many tasks.")]
    sample: Annotated[
        list[SampledTask], Field(description="The first of them by number, 20 at most.")
    ]


def render_preview(matched: int, rows: Sequence[Row]) -> dict[str, Any]:
    """Return the JSON data of a dry run, shaped as :class:`BulkPreview`."""
    sample = [{name: row[name] for name in SampledTask.model_fields} for row in rows]
    return {"dry_run": True, "matched": matched, "sample": sample}
