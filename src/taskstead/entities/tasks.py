"""The description of tasks."""

from typing import Any

from taskstead.domain.due_dates import parse_due_date
from taskstead.domain.names import make_sort_key
from taskstead.entities.entity import Derivation, Entity, Link, Values
from taskstead.tables.labels.tags import task_tags
from taskstead.tables.tasks import TaggedTaskRow, tasks


def make_due_columns(row: Values) -> dict[str, Any]:
    """Return ``due_kind`` and ``due_at``, by which tasks are sorted and filtered."""
    text = row["due_date"]
    due = None if text is None else parse_due_date(text, row["due_time_zone"])
    return {"due_kind": due and due.kind, "due_at": due and due.at}


def _make_title_key(row: Values) -> dict[str, Any]:
    return {"title_key": make_sort_key(row["title"])}


TAG_IDS_LINK = Link("tag_ids", task_tags, owner="task_id", target="tag_id")
TASK = Entity(
    kind="task",
    collection="tasks",
    row_type=TaggedTaskRow,
    table=tasks,
    name="title",
    logged=(
        "number",
        "title",
        "description",
        "status",
        "priority",
        "due_date",
        "due_time_zone",
        "repeat_rule",
        "repeat_mode",
        "repeat_except",
        "repeat_start",
        "repeat_at",
        "repeat_gone",
        "category_id",
        "parent_id",
        "assignee_id",
        "position",
        "created_by",
        "created_at",
        "completed_at",
        "deleted_at",
        "deleted_batch",
    ),
    text=("title", "description"),
    tombstone=("number",),
    derivations=(
        Derivation(frozenset({"title"}), _make_title_key),
        Derivation(frozenset({"due_date", "due_time_zone"}), make_due_columns),
    ),
    links=(TAG_IDS_LINK,),
)
