"""One action on all tasks that meet a filter, on the wire."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic_core import PydanticCustomError

from taskstead.schemas.base import Input
from taskstead.schemas.due import shift_due_date
from taskstead.schemas.filters import TaskFilter
from taskstead.schemas.tasks import TaskPatch
from taskstead.schemas.text import CategoryName, TagName, make_name_key

_MOST_DAYS = 36_500


class ProcessFilter(TaskFilter):
    """Which tasks: those that meet all of these conditions when the job begins."""

    model_config = ConfigDict(extra="forbid", strict=True)

    deleted: Annotated[
        Literal["exclude"], Field(description="Tasks in the trash are never processed.")
    ] = "exclude"


class _Process(Input):
    filter: Annotated[
        ProcessFilter,
        Field(description="The parameters of the listing; an empty one stands for all tasks."),
    ]


class CompleteAll(_Process):
    """Set the status to `done`."""

    action: Literal["complete"]

    def make_patch(self, _task: dict[str, Any]) -> TaskPatch | None:
        """Return the change to a task, a row of ``queries.tasks``; None for none."""
        return TaskPatch(status="done")


class MoveAll(_Process):
    """File the tasks under a category, which is created when it does not exist."""

    action: Literal["move"]
    category: Annotated[CategoryName | None, Field(description="By name; null files under none.")]

    def make_patch(self, _task: dict[str, Any]) -> TaskPatch | None:
        """Return the change to a task; None for none."""
        return TaskPatch(category=self.category)


class AddTagToAll(_Process):
    """Put a tag on the tasks, which is created when it does not exist."""

    action: Literal["add_tag"]
    tag: TagName

    def make_patch(self, task: dict[str, Any]) -> TaskPatch | None:
        """Return the change to a task; None for none."""
        if make_name_key(self.tag) in map(make_name_key, task["tags"]):
            return None
        return TaskPatch(tags=[*task["tags"], self.tag])


class RemoveTagFromAll(_Process):
    """Take a tag off the tasks."""

    action: Literal["remove_tag"]
    tag: TagName

    def make_patch(self, task: dict[str, Any]) -> TaskPatch | None:
        """Return the change to a task; None for none."""
        key = make_name_key(self.tag)
        return TaskPatch(tags=[name for name in task["tags"] if make_name_key(name) != key])


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


Editing = (
    CompleteAll | MoveAll | AddTagToAll | RemoveTagFromAll | SetPriorityOfAll | ShiftDueDatesOfAll
)
BulkProcess = Annotated[Editing | TrashAll, Field(discriminator="action")]
_ADAPTER: TypeAdapter[Editing | TrashAll] = TypeAdapter(BulkProcess)


def store_process(process: Editing | TrashAll) -> dict[str, Any]:
    """Return what :func:`read_process` reads, as JSON can hold it."""
    return process.model_dump(mode="json", exclude_defaults=True)


def read_process(stored: Any) -> Editing | TrashAll:
    """Return the process that was stored."""
    return _ADAPTER.validate_python(stored)
