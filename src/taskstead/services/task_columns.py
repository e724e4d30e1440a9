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

# The logged fields of a task, besides `tag_ids`. The other columns are derived from the change.
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

    The body may have ``status``, ``completed``, both (then ``status`` wins) or neither.
    """
    before = "todo" if old is None else old["status"]
    # A replacement does not depend on the old status, except for the time of completion.
    kept = "todo" if isinstance(body, TaskReplace) else before
    if "status" in body.model_fields_set or "completed" not in body.model_fields_set:
        status: str = body.status
    elif body.completed:
        status = "done"
    else:
        status = "todo" if kept == "done" else kept
    if status != "done":
        return {"status": status, "completed_at": None}
    completed_at = old["completed_at"] if old is not None and before == "done" else now
    return {"status": status, "completed_at": completed_at}


def make_time_columns(row: Row, *, is_completion_given: bool) -> Row:
    """Return ``created_at`` and ``completed_at``, corrected so that creation is not the later one.

    The clocks of clients differ, and an imported file may have only one of the two, or only days.

    Args:
        row: the new row of the task.
        is_completion_given: whether the time of completion was given; then the time of creation is
            corrected, and otherwise the time of completion.
    """
    created_at, completed_at = row["created_at"], row["completed_at"]
    if completed_at is None or created_at <= completed_at:
        return {"created_at": created_at, "completed_at": completed_at}
    moment = completed_at if is_completion_given else created_at
    return {"created_at": moment, "completed_at": moment}


async def check_assignees(
    batch: Batch, bodies: Mapping[int, TaskFields], problems: Problems
) -> None:
    """Add a problem for each body whose assignee is not a member of the workspace."""
    wanted = {body.assignee for body in bodies.values() if body.assignee is not None}
    if not wanted:
        return
    known = await list_member_ids(batch.transaction, batch.workspace_id, sorted(wanted))
    for index, body in bodies.items():
        if body.assignee is not None and body.assignee not in known:
            message = f"{body.assignee} is not a member of this workspace."
            wrong = FieldError("/assignee", message, "member")
            problems.setdefault(index, ValidationFailedError(message, errors=[wrong]))
