"""Computes the stored columns of a task from the fields of a request body."""

from collections.abc import Mapping
from datetime import datetime

from taskstead.db.statements import Row
from taskstead.errors import FieldError, ValidationFailedError
from taskstead.queries.workspaces import list_member_ids
from taskstead.schemas.due import parse_due_date
from taskstead.schemas.tasks import TaskFields, TaskReplace
from taskstead.services.changes import Batch
from taskstead.services.problems import Problems

# The fields of a task that the change log records, besides `tag_ids`. The other columns are derived
# from these fields and from the change.
LOGGED = (
    "number",
    "title",
    "description",
    "status",
    "priority",
    "due_date",
    "due_time_zone",
    "category_id",
    "parent_id",
    "assignee_id",
    "position",
    "created_by",
    "created_at",
    "completed_at",
    "deleted_at",
    "deleted_batch",
)
# Fields of the body that are stored unchanged, in the column of the same name.
PLAIN_FIELDS = ("title", "description", "priority", "due_date", "due_time_zone")
# The fields that ``due_kind`` and ``due_at`` are derived from.
DUE_FIELDS = frozenset({"due_date", "due_time_zone"})


def make_due_columns(text: str | None, zone: str | None) -> Row:
    """Return ``due_kind`` and ``due_at``, by which tasks are sorted and filtered."""
    due = None if text is None else parse_due_date(text, zone)
    return {"due_kind": due and due.kind, "due_at": due and due.at}


def make_status_columns(body: TaskFields, old: Row | None, now: datetime) -> Row:
    """Return ``status`` and ``completed_at``.

    A body may have ``status``, ``completed``, both or neither. If it has both, ``status`` is used.
    """
    old_status = "todo" if old is None else old["status"]
    # A replaced task has a status that does not depend on the old one.
    default = "todo" if isinstance(body, TaskReplace) else old_status
    if "status" in body.model_fields_set or "completed" not in body.model_fields_set:
        status: str = body.status
    elif body.completed:
        status = "done"
    else:
        status = "todo" if default == "done" else default
    if status != "done":
        return {"status": status, "completed_at": None}
    completed_at = old["completed_at"] if old is not None and old_status == "done" else now
    return {"status": status, "completed_at": completed_at}


def make_time_columns(row: Row, *, is_completion_given: bool) -> Row:
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


async def check_assignees(
    batch: Batch, bodies: Mapping[int, TaskFields], problems: Problems
) -> None:
    """Add a problem for each body whose assignee is not a member of the workspace."""
    user_ids = {body.assignee for body in bodies.values() if body.assignee is not None}
    if not user_ids:
        return
    member_ids = await list_member_ids(batch.transaction, batch.workspace_id, sorted(user_ids))
    for index, body in bodies.items():
        if body.assignee is not None and body.assignee not in member_ids:
            message = f"{body.assignee} is not a member of this workspace."
            field_error = FieldError("/assignee", message, "member")
            problems.setdefault(index, ValidationFailedError(message, errors=[field_error]))
