"""JSON representation of tasks."""

from collections.abc import Sequence
from typing import Any

from taskstead.domain.filters.nodes import FilterWarning
from taskstead.formats.json.filters import render_warnings
from taskstead.tables.tasks import (
    CountedTaskRow,
    ListedTaskRow,
    ShownTaskRow,
    SortedTaskRow,
    TaggedTaskRow,
)


def render_repeat(row: ShownTaskRow | TaggedTaskRow) -> dict[str, Any]:
    """Return the repeat fields of a task."""
    return {
        "repeat_rule": row["repeat_rule"],
        "repeat_mode": row["repeat_mode"],
        "repeat_except": row["repeat_except"] or [],
        "repeat_start": row["repeat_start"],
        "repeat_at": row["repeat_at"],
        "repeat_gone": row["repeat_gone"],
    }


def _render_base(row: ShownTaskRow) -> dict[str, Any]:
    category_id = row["category_id"]
    return {
        "id": row["id"],
        "number": row["number"],
        "title": row["title"],
        "status": row["status"],
        "completed": row["status"] == "done",
        "priority": row["priority"],
        "due_date": row["due_date"],
        "due_time_zone": row["due_time_zone"],
        **render_repeat(row),
        "category": category_id and {"id": category_id, "name": row["category_name"]},
        "category_id": category_id,
        "tags": row["tags"],
        "tag_ids": row["tag_ids"],
        "parent": row["parent_id"],
        "assignee": row["assignee_id"],
        "position": row["position"],
        "revision": row["revision"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "completed_at": row["completed_at"],
        "deleted_at": row["deleted_at"],
    }


def render_task(row: CountedTaskRow) -> dict[str, Any]:
    """Return a task as JSON data of ``Task``."""
    return {**render_listed_task(row), "description": row["description"]}


def render_written_task(row: ShownTaskRow) -> dict[str, Any]:
    """Return a task as JSON data of ``TaskWritten``."""
    return _render_base(row)


def render_listed_task(row: ListedTaskRow) -> dict[str, Any]:
    """Return a task as JSON data of ``TaskListed``."""
    task = _render_base(row)
    task["subtask_count"] = row["subtask_count"]
    task["open_subtask_count"] = row["open_subtask_count"]
    return task


def render_fields(row: SortedTaskRow | CountedTaskRow, fields: tuple[str, ...]) -> dict[str, Any]:
    """Return the requested fields of a task."""
    task = render_listed_task(row)
    if "description" in fields:
        task["description"] = row["description"]
    return {name: task[name] for name in fields}


def render_preview(
    matched: int, rows: Sequence[ShownTaskRow], warnings: Sequence[FilterWarning] = ()
) -> dict[str, Any]:
    """Return a dry run as JSON data of ``BulkPreview``."""
    sample = [{"id": row["id"], "number": row["number"], "title": row["title"]} for row in rows]
    return {"dry_run": True, "matched": matched, "sample": sample, **render_warnings(warnings)}
