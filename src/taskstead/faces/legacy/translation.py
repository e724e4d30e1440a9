"""Translation between the objects of the deprecated to-do APIs and tasks."""

from typing import Any

from taskstead.domain.due_dates import add_offset, parse_due_date
from taskstead.faces.legacy.schemas import ItemCreate, TodoCreate, TodoPatch
from taskstead.schemas.tasks.bulk import BulkRequest
from taskstead.schemas.tasks.bulk_process import CompleteAll, ProcessFilter
from taskstead.schemas.tasks.tasks import TaskCreate, TaskPatch
from taskstead.services.tasks.statistics import TaskStatistics
from taskstead.tables.tasks import LabelledTaskRow, SortedTaskRow


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


def make_complete_all() -> CompleteAll:
    """Return a bulk process that completes all open to-dos."""
    return CompleteAll(action="complete", filter=ProcessFilter(completed=False))


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
    """Return a task as JSON data of ``Item``."""
    return {
        "id": row["number"],
        "title": row["title"],
        "description": row["description"] or None,
        "completed": row["status"] == "done",
    }


def render_todo(row: SortedTaskRow | LabelledTaskRow) -> dict[str, Any]:
    """Return a task as JSON data of ``Todo``."""
    return {
        **render_item(row),
        "priority": row["priority"],
        "due_date": row["due_date"] and add_offset(row["due_date"], row["due_time_zone"]),
        "category": row["category_name"],
        "tags": row["tags"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def render_todo_statistics(statistics: TaskStatistics) -> dict[str, Any]:
    """Return statistics as JSON data of ``TodoStatistics``."""
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
