"""Updates tasks in a batch. The number of SQL statements does not depend on the number of tasks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import Update, bindparam, update

from taskstead.cooperative import yield_every
from taskstead.db.statements import Row
from taskstead.errors import FieldError, TasksteadError, TaskTrashedError, ValidationFailedError
from taskstead.schemas.tasks import TaskPatch, TaskReplace
from taskstead.schemas.text import make_sort_key
from taskstead.services.changes import Batch, Fields, classify_change, compare_rows
from taskstead.services.labels import Labels, load_labels
from taskstead.services.manual_order import ManualOrder, Placement, choose_positions, load_order
from taskstead.services.parents import load_tree
from taskstead.services.problems import Problems
from taskstead.services.search import SEARCHED, index_tasks
from taskstead.services.tags import set_tags
from taskstead.services.task_columns import (
    DUE_FIELDS,
    LOGGED,
    PLAIN_FIELDS,
    check_assignees,
    make_due_columns,
    make_status_columns,
    make_time_columns,
)
from taskstead.tables.tasks import tasks

_COLUMNS = frozenset(tasks.c.keys())
_CATEGORY_FIELDS = frozenset(("category", "category_id"))
_TAG_FIELDS = frozenset(
    ("tags", "tag_ids", "add_tags", "add_tag_ids", "remove_tags", "remove_tag_ids")
)


@dataclass(frozen=True, slots=True)
class TaskUpdate:
    """A requested update of one task.

    Attributes:
        old: the current row of the task, from ``queries.tasks``.
        body: the new values.
        field_names: names of the body's fields to apply. Its other fields are ignored.
        columns: new values of columns that the body has no field for.
    """

    old: Row
    body: TaskPatch | TaskReplace
    field_names: frozenset[str]
    columns: Mapping[str, Any] = field(default_factory=dict)


@lru_cache(maxsize=512)
def _build_update(names: frozenset[str]) -> Update:
    """Build the UPDATE statement of one task for a set of columns. Cached for each set."""
    return (
        update(tasks)
        .where(tasks.c.workspace_id == bindparam("workspace"), tasks.c.id == bindparam("task"))
        .values({name: bindparam(name) for name in sorted(names)})
    )


async def update_tasks_in_batch(
    batch: Batch, updates: Sequence[TaskUpdate], problems: Problems
) -> set[str]:
    """Apply the valid updates, and add a problem for each invalid one.

    Args:
        batch: the open batch.
        updates: the updates, at most one per task.
        problems: receives the error of each invalid update, by index. An update is invalid if
            the task is in the trash; if a category, tag, parent, assignee or reference task of the
            manual order does not exist; if the parent is a descendant of the task; or if the tree
            would be too deep.

    Returns:
        The ids of the tasks that changed.
    """
    labels = await load_labels(
        batch.transaction, batch.workspace_id, [edit.body for edit in updates]
    )
    moved = [edit for edit in updates if edit.body.place is not None]
    order = await load_order(
        batch, [edit.body.place for edit in moved], [edit.old["id"] for edit in moved]
    )
    for index, edit in enumerate(updates):
        try:
            _check_update(edit)
            labels.check(edit.body, edit.old["tag_ids"])
            if edit.body.place is not None:
                order.check(edit.old["id"], edit.body.place)
        except TasksteadError as error:
            problems[index] = error
    await check_assignees(
        batch,
        {index: edit.body for index, edit in enumerate(updates) if "assignee" in edit.field_names},
        problems,
    )
    parents = await _choose_parents(batch, updates, problems)
    valid = {index: edit for index, edit in enumerate(updates) if index not in problems}
    await labels.create_missing(batch, [edit.body for edit in valid.values()])
    positions = await _choose_positions(batch, order, valid)
    return await _write_updates(batch, valid, parents, positions, labels=labels)


async def _choose_positions(
    batch: Batch, order: ManualOrder, updates: Mapping[int, TaskUpdate]
) -> dict[str, str]:
    """Return the new positions by task id."""
    placements = [
        Placement(edit.old["id"], edit.body.place, edit.old)
        for edit in updates.values()
        if edit.body.place is not None
    ]
    return await choose_positions(batch, order, placements)


async def _choose_parents(
    batch: Batch, updates: Sequence[TaskUpdate], problems: Problems
) -> dict[int, str | None]:
    """Return the new parent's id for each valid update that sets a parent."""
    moves = {
        index: edit
        for index, edit in enumerate(updates)
        if "parent" in edit.field_names and index not in problems
    }
    tree = await load_tree(
        batch,
        [edit.body.parent for edit in moves.values()],
        [edit.old["id"] for edit in moves.values()],
    )
    parents: dict[int, str | None] = {}
    for index, edit in moves.items():
        try:
            parents[index] = tree.place(edit.old["id"], edit.body.parent)
        except ValidationFailedError as error:
            problems[index] = error
    return parents


def _check_update(edit: TaskUpdate) -> None:
    if edit.old["deleted_at"] is not None:
        raise TaskTrashedError(
            f"Task {edit.old['number']} is in the trash. Restore it before you change it."
        )
    new_due_date = edit.body.due_date if "due_date" in edit.field_names else edit.old["due_date"]
    if (
        "due_time_zone" in edit.field_names
        and edit.body.due_time_zone is not None
        and not new_due_date
    ):
        message = "due_time_zone requires a due_date."
        field_error = FieldError("/due_time_zone", message, "zone_without_date")
        raise ValidationFailedError(message, errors=[field_error])


async def _write_updates(
    batch: Batch,
    updates: Mapping[int, TaskUpdate],
    parents: Mapping[int, str | None],
    positions: Mapping[str, str],
    *,
    labels: Labels,
) -> set[str]:
    tag_updates = [edit for edit in updates.values() if _TAG_FIELDS & edit.field_names]
    tag_ids = await set_tags(
        batch,
        {edit.old["id"]: edit.old["tag_ids"] for edit in tag_updates},
        {
            edit.old["id"]: labels.make_tag_ids(edit.body, edit.old["tag_ids"])
            for edit in tag_updates
        },
    )
    changed: dict[str, Fields] = {}
    rows: list[Row] = []
    async for index, edit in yield_every(updates.items()):
        old = edit.old
        new = {**old, **_make_columns(batch, edit), **edit.columns}
        if edit.columns or new["completed_at"] != old["completed_at"]:
            new |= make_time_columns(new, is_completion_given="completed_at" in edit.columns)
        if _CATEGORY_FIELDS & edit.field_names:
            category = labels.find_category(edit.body)
            new["category_id"] = category and category["id"]
        if "parent" in edit.field_names:
            new["parent_id"] = parents[index]
        if old["id"] in positions:
            new["position"] = positions[old["id"]]
        if "position" in edit.columns:
            batch.reserve_position(new["position"])
        fields = compare_rows(old, new, LOGGED)
        if old["id"] in tag_ids:
            fields["tag_ids"] = tag_ids[old["id"]]
        if not fields:
            continue
        new["revision"] = batch.record_change("task", old["id"], "updated", fields)
        new["updated_at"] = batch.at
        changed[old["id"]] = fields
        rows.append(new)
    await _write_rows(batch, rows, changed)
    await index_tasks(batch, [id_ for id_, fields in changed.items() if fields.keys() & SEARCHED])
    return set(changed)


def _make_columns(batch: Batch, edit: TaskUpdate) -> Row:
    body, field_names = edit.body, edit.field_names
    new = {name: getattr(body, name) for name in PLAIN_FIELDS if name in field_names}
    if "title" in field_names:
        new["title_key"] = make_sort_key(body.title)
    if "due_date" in field_names and body.due_date is None:
        new["due_time_zone"] = None
    if not field_names.isdisjoint(DUE_FIELDS):
        due = {**edit.old, **new}
        new |= make_due_columns(due["due_date"], due["due_time_zone"])
    if "status" in field_names or "completed" in field_names:
        new |= make_status_columns(body, edit.old, batch.at)
    if "assignee" in field_names:
        new["assignee_id"] = body.assignee
    return new


async def write_tasks_in_batch(batch: Batch, pairs: Iterable[tuple[Row, Row]]) -> None:
    """Write changed tasks, and skip unchanged ones. Undo calls it after it has validated the rows.

    Args:
        batch: the open batch.
        pairs: (old row, new row) pairs. The new row must be valid and have sorted ``tag_ids``.
    """
    changed: dict[str, Fields] = {}
    rows: list[Row] = []
    all_pairs = list(pairs)
    tag_ids = await set_tags(
        batch,
        {old["id"]: old["tag_ids"] for old, _ in all_pairs},
        {new["id"]: new["tag_ids"] for _, new in all_pairs},
    )
    async for old, new in yield_every(all_pairs):
        fields = compare_rows(old, new, LOGGED)
        if old["id"] in tag_ids:
            fields["tag_ids"] = tag_ids[old["id"]]
        if "position" in fields:
            batch.reserve_position(new["position"])
        if fields:
            revision = batch.record_change("task", old["id"], classify_change(old, new), fields)
            changed[old["id"]] = fields
            derived = {
                **make_due_columns(new["due_date"], new["due_time_zone"]),
                "title_key": make_sort_key(new["title"]),
            }
            rows.append({**new, **derived, "updated_at": batch.at, "revision": revision})
    await _write_rows(batch, rows, changed)
    await index_tasks(batch, [id_ for id_, fields in changed.items() if fields.keys() & SEARCHED])


async def _write_rows(batch: Batch, rows: Sequence[Row], changed: Mapping[str, Fields]) -> None:
    """Write the rows in one statement, which sets each column that changed in any row."""
    names = {"revision", "updated_at"}
    for fields in changed.values():
        names |= fields.keys() & _COLUMNS
    if not names.isdisjoint(DUE_FIELDS):
        names |= {"due_kind", "due_at"}
    if "title" in names:
        names.add("title_key")
    await batch.transaction.execute_many(
        _build_update(frozenset(names)),
        [
            {
                "workspace": batch.workspace_id,
                "task": row["id"],
                **{name: row[name] for name in names},
            }
            async for row in yield_every(rows)
        ],
    )
