"""Computes the stored columns of a task from the values of a request."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from taskstead.entities.entity import Values
from taskstead.errors import FieldError, ValidationFailedError
from taskstead.queries.workspaces.workspaces import list_member_ids
from taskstead.services.changelog import Batch
from taskstead.services.tasks.item_errors import FallibleItem
from taskstead.tables.tasks import TaskRow

# Fields that are stored unchanged, in the column of the same name.
PLAIN_FIELDS = ("title", "description", "priority", "due_date", "due_time_zone")


def make_status_columns(values: Values, old: TaskRow | None, now: datetime) -> dict[str, Any]:
    """Return ``status`` and ``completed_at``.

    Args:
        values: the values of the request. They have either ``status`` or ``completed``.
        old: the current row; None for a new task.
        now: the time of the change.
    """
    old_status = "todo" if old is None else old["status"]
    if "status" in values:
        status = values["status"]
    elif values["completed"]:
        status = "done"
    else:
        status = "todo" if old_status == "done" else old_status
    if status != "done":
        return {"status": status, "completed_at": None}
    completed_at = old["completed_at"] if old is not None and old_status == "done" else now
    return {"status": status, "completed_at": completed_at}


def make_time_columns(row: Values, *, is_completion_given: bool) -> dict[str, datetime | None]:
    """Return ``created_at`` and ``completed_at``, corrected so that ``created_at`` is not later.

    Corrections are needed because the clocks of clients differ, and because an imported file may
    have only one of the times, or only days.

    Args:
        row: the new row of the task.
        is_completion_given: whether the input has a time of completion. If so, ``created_at`` is
            corrected; otherwise ``completed_at`` is.
    """
    created_at, completed_at = row["created_at"], row["completed_at"]
    if completed_at is None or created_at <= completed_at:
        return {"created_at": created_at, "completed_at": completed_at}
    instant = completed_at if is_completion_given else created_at
    return {"created_at": instant, "completed_at": instant}


class RequestedItem(FallibleItem, Protocol):
    """An item of an operation, with the values of its request."""

    values: Values


async def check_assignees(batch: Batch, items: Sequence[RequestedItem]) -> None:
    """Set the error of each item whose assignee is not a member of the workspace."""
    assigned = [item for item in items if item.values.get("assignee") is not None]
    if not assigned:
        return
    user_ids = sorted({item.values["assignee"] for item in assigned})
    member_ids = await list_member_ids(batch.transaction, batch.workspace_id, user_ids)
    for item in assigned:
        user_id = item.values["assignee"]
        if user_id not in member_ids and item.error is None:
            message = f"{user_id} is not a member of this workspace."
            field_error = FieldError("/assignee", message, "member")
            item.error = ValidationFailedError(message, errors=[field_error])
