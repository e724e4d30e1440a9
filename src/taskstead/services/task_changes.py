"""Updates tasks in a batch. The number of statements does not depend on the number of tasks."""

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
        named: names of the body's fields to apply; the others are ignored.
        columns: new values of columns that the body has no field for.
    """

    old: Row
    body: TaskPatch | TaskReplace
    named: frozenset[str]
    columns: Mapping[str, Any] = field(default_factory=dict)


@lru_cache(maxsize=512)
def _build_update(names: frozenset[str]) -> Update:
    """Build the UPDATE of one task for a set of columns. Cached for each set."""
    return (
        update(tasks)
        .where(tasks.c.workspace_id == bindparam("workspace"), tasks.c.id == bindparam("task"))
        .values({name: bindparam(name) for name in sorted(names)})
    )


async def change_in_batch(
    batch: Batch, edits: Sequence[TaskUpdate], problems: Problems
) -> set[str]:
    """Apply the valid updates, and add a problem for each invalid one.

    Args:
        batch: the open batch.
        edits: the updates, at most one per task.
        problems: receives, by position, the error of each invalid update: the task is in the
            trash; a category, tag, parent, assignee or neighbour does not exist; the parent is a
            descendant of the task; or the tree would be too deep.

    Returns:
        The ids of the tasks that changed.
    """
    labels = await load_labels(batch.transaction, batch.workspace_id, [edit.body for edit in edits])
    placed = [edit for edit in edits if edit.body.place is not None]
    order = await load_order(
        batch, [edit.body.place for edit in placed], [edit.old["id"] for edit in placed]
    )
    for index, edit in enumerate(edits):
        try:
            _check_edit(edit)
            labels.check(edit.body, edit.old["tag_ids"])
            if edit.body.place is not None:
                order.check(edit.old["id"], edit.body.place)
        except TasksteadError as error:
            problems[index] = error
    await check_assignees(
        batch,
        {index: edit.body for index, edit in enumerate(edits) if "assignee" in edit.named},
        problems,
    )
    parents = await _place_edits(batch, edits, problems)
    valid = {index: edit for index, edit in enumerate(edits) if index not in problems}
    await labels.create_missing(batch, [edit.body for edit in valid.values()])
    positions = await _choose_positions(batch, order, valid)
    return await _write_edits(batch, valid, parents, positions, labels=labels)


async def _choose_positions(
    batch: Batch, order: ManualOrder, edits: Mapping[int, TaskUpdate]
) -> dict[str, str]:
    """Return the new positions by task id."""
    placements = [
        Placement(edit.old["id"], edit.body.place, edit.old)
        for edit in edits.values()
        if edit.body.place is not None
    ]
    return await choose_positions(batch, order, placements)


async def _place_edits(
    batch: Batch, edits: Sequence[TaskUpdate], problems: Problems
) -> dict[int, str | None]:
    """Return the new parent's id for each valid update that sets a parent."""
    moves = {
        index: edit
        for index, edit in enumerate(edits)
        if "parent" in edit.named and index not in problems
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


def _check_edit(edit: TaskUpdate) -> None:
    if edit.old["deleted_at"] is not None:
        raise TaskTrashedError(
            f"Task {edit.old['number']} is in the trash. Restore it before you change it."
        )
    is_dated = edit.body.due_date if "due_date" in edit.named else edit.old["due_date"]
    if "due_time_zone" in edit.named and edit.body.due_time_zone is not None and not is_dated:
        message = "due_time_zone requires a due_date."
        wrong = FieldError("/due_time_zone", message, "zone_without_date")
        raise ValidationFailedError(message, errors=[wrong])


async def _write_edits(
    batch: Batch,
    edits: Mapping[int, TaskUpdate],
    parents: Mapping[int, str | None],
    positions: Mapping[str, str],
    *,
    labels: Labels,
) -> set[str]:
    tagged = [edit for edit in edits.values() if _TAG_FIELDS & edit.named]
    tag_ids = await set_tags(
        batch,
        {edit.old["id"]: edit.old["tag_ids"] for edit in tagged},
        {edit.old["id"]: labels.make_tag_ids(edit.body, edit.old["tag_ids"]) for edit in tagged},
    )
    changed: dict[str, Fields] = {}
    rows: list[Row] = []
    async for index, edit in yield_every(edits.items()):
        old = edit.old
        new = {**old, **_make_columns(batch, edit), **edit.columns}
        if edit.columns or new["completed_at"] != old["completed_at"]:
            new |= make_time_columns(new, is_completion_given="completed_at" in edit.columns)
        if _CATEGORY_FIELDS & edit.named:
            category = labels.find_category(edit.body)
            new["category_id"] = category and category["id"]
        if "parent" in edit.named:
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
    body, named = edit.body, edit.named
    new = {name: getattr(body, name) for name in PLAIN_FIELDS if name in named}
    if "title" in named:
        new["title_key"] = make_sort_key(body.title)
    if "due_date" in named and body.due_date is None:
        new["due_time_zone"] = None
    if not named.isdisjoint(DUE_FIELDS):
        due = {**edit.old, **new}
        new |= make_due_columns(due["due_date"], due["due_time_zone"])
    if "status" in named or "completed" in named:
        new |= make_status_columns(body, edit.old, batch.at)
    if "assignee" in named:
        new["assignee_id"] = body.assignee
    return new


async def write_tasks_in_batch(batch: Batch, pairs: Iterable[tuple[Row, Row]]) -> None:
    """Write changed tasks; unchanged ones are skipped. For undo, which validates the rows itself.

    Args:
        batch: the open batch.
        pairs: pairs of old and new row. The new row is valid and has sorted ``tag_ids``.
    """
    changed: dict[str, Fields] = {}
    rows: list[Row] = []
    found = list(pairs)
    tag_ids = await set_tags(
        batch,
        {old["id"]: old["tag_ids"] for old, _ in found},
        {new["id"]: new["tag_ids"] for _, new in found},
    )
    async for old, new in yield_every(found):
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
    """Write the rows with one statement that sets every column changed in any of them."""
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
