"""Validates the references of an undo.

The categories, tags and assignees of the planned tasks must exist, and the names of categories and
tags must be unique. An invalid old value is not written; a conflict is recorded instead.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

from taskstead.concurrency.cooperative import yield_every
from taskstead.domain.recurrence.conversion import SeriesPosition, fit_position
from taskstead.domain.recurrence.local_times import is_date
from taskstead.domain.task_fields import MAX_TAGS
from taskstead.entities.labels import CATEGORY, TAG
from taskstead.queries.history.undo import list_task_ids_in_categories
from taskstead.queries.labels.labels import list_labels_named
from taskstead.queries.labels.tags import list_tagged_task_ids
from taskstead.queries.workspaces.workspaces import list_member_ids
from taskstead.services.history.revert_plan import Draft, Row
from taskstead.services.tasks.repeats.fields import NO_REPEAT

LabelKind = Literal["category", "tag"]


async def check_assignees(draft: Draft) -> None:
    """Check that assignees are members."""
    planned = draft.planned["task"]
    assigned = [
        id_
        for id_, row in planned.items()
        if row["assignee_id"] is not None and draft.is_changing("task", id_, "assignee_id")
    ]
    user_ids = sorted({planned[id_]["assignee_id"] for id_ in assigned})
    members: set[str] = set()
    if user_ids:
        members = await list_member_ids(draft.batch.transaction, draft.batch.workspace_id, user_ids)
    for id_ in assigned:
        if planned[id_]["assignee_id"] not in members:
            message = "Its former assignee is no longer a member of this workspace."
            user_id = planned[id_]["assignee_id"]
            draft.add_conflict("task", id_, "assignee_id", "not_a_member", message, current=user_id)
            draft.keep("task", id_, "assignee_id")


async def check_due_dates(draft: Draft) -> None:
    """Check that a task with a time zone or a recurrence rule has a due date."""
    async for id_, row in yield_every(draft.planned["task"].items()):
        if row["due_date"] is not None:
            _fit_series(row)
            continue
        if row["due_time_zone"] is not None:
            message = "A time zone requires a due date."
            _add_dateless_conflict(draft, id_, "due_time_zone", "zone_without_date", message)
            row["due_time_zone"] = None
        if row["repeat_rule"] is not None:
            message = "A repeating task needs a due date."
            _add_dateless_conflict(draft, id_, "repeat_rule", "repeat_without_date", message)
            row.update(NO_REPEAT)


def _fit_series(row: Row) -> None:
    """Give the series the kind of the due date, which another change may have changed."""
    if row["repeat_rule"] is None or is_date(row["repeat_at"]) == is_date(row["due_date"]):
        return
    position = SeriesPosition(row["repeat_start"], row["repeat_at"])
    fitted = fit_position(position, row["due_date"], row["due_time_zone"])
    row.update(repeat_start=fitted.start, repeat_at=fitted.at)


def _add_dateless_conflict(draft: Draft, id_: str, name: str, code: str, message: str) -> None:
    # If the undo removes the due date, `force` also removes a value that was set later.
    is_set_later = not draft.is_changing("task", id_, name)
    current = draft.get_row("task", id_)[name]
    draft.add_conflict("task", id_, name, code, message, current=current, forcible=is_set_later)


async def check_names(draft: Draft) -> None:
    """Check that live tasks refer to live categories and tags, and that names are unique."""
    await _drop_purged_references(draft)
    await _restore_categories(draft)
    await _restore_tags(draft)
    for kind in ("category", "tag"):
        await _check_unique_names(draft, kind)
    await _clear_trashed_categories(draft)
    await _remove_trashed_tags(draft)
    await _check_number_of_tags(draft)


async def _drop_purged_references(draft: Draft) -> None:
    """Remove planned references to categories and tags that were purged."""
    async for id_, task in yield_every(draft.planned["task"].items()):
        category_id = task["category_id"]
        is_missing = category_id is not None and category_id not in draft.current["category"]
        if is_missing and draft.is_changing("task", id_, "category_id"):
            message = "Its former category was permanently deleted."
            draft.add_conflict(
                "task", id_, "category_id", "category_gone", message, current=category_id
            )
            draft.keep("task", id_, "category_id")
        for tag_id in task["tag_ids"]:
            if tag_id not in draft.current["tag"] and draft.is_changing("task", id_, "tag_ids"):
                message = "One of its former tags was permanently deleted."
                draft.add_conflict("task", id_, "tag_ids", "tag_gone", message, current=tag_id)
                task["tag_ids"] = [one for one in task["tag_ids"] if one != tag_id]


async def _check_number_of_tags(draft: Draft) -> None:
    """Do not add former tags to tasks that would then have more than ``MAX_TAGS``."""
    async for id_, task in yield_every(draft.planned["task"].items()):
        if len(task["tag_ids"]) > MAX_TAGS:
            message = f"With its former tags, the task would have more than {MAX_TAGS} tags."
            count = len(task["tag_ids"])
            draft.add_conflict("task", id_, "tag_ids", "too_many_tags", message, current=count)
            current = draft.current["task"][id_]["tag_ids"]
            task["tag_ids"] = [one for one in task["tag_ids"] if one in current]


async def _restore_categories(draft: Draft) -> None:
    async for id_, task in yield_every(list(draft.planned["task"].items())):
        category_id = task["category_id"]
        if category_id is None or task["deleted_at"] is not None:
            continue
        category = draft.get_row("category", category_id)
        if category["deleted_at"] is None or draft.is_trashing("category", category_id):
            continue
        if draft.is_changing("task", id_, "category_id"):
            message = f"Its former category, {category['name']}, is in the trash."
            draft.add_conflict(
                "task",
                id_,
                "category_id",
                "category_trashed",
                message,
                current=category_id,
                forcible=True,
            )
        # Restoring a task restores its category, as in services/tasks/restore.py.
        draft.restore("category", category_id)


async def _restore_tags(draft: Draft) -> None:
    async for id_, task in yield_every(list(draft.planned["task"].items())):
        for tag_id in task["tag_ids"] if draft.is_changing("task", id_, "tag_ids") else ():
            tag = draft.get_row("tag", tag_id)
            if tag["deleted_at"] is not None and not draft.is_trashing("tag", tag_id):
                message = f"One of its former tags, {tag['name']}, is in the trash."
                draft.add_conflict(
                    "task", id_, "tag_ids", "tag_trashed", message, current=tag_id, forcible=True
                )
                draft.restore("tag", tag_id)


async def _check_unique_names(draft: Draft, kind: LabelKind) -> None:
    """Check that names are unique. Record a conflict for each name that another label has.

    A label is not renamed to a name that another label has. A label that would be restored with
    such a name stays in the trash, and its tasks get the other label.
    """
    changed_ids = [
        id_
        for id_, row in draft.planned[kind].items()
        if row["deleted_at"] is None
        and (draft.is_restoring(kind, id_) or draft.is_changing(kind, id_, "name_key"))
    ]
    if not changed_ids:
        return
    holders = await _find_holders(draft, kind, changed_ids)
    replacements: dict[str, str] = {}
    # Renamed labels first, because a label that is not renamed still has its current name. Of two
    # restored labels with the same name, the older one gets it.
    for is_restored, id_ in sorted((draft.is_restoring(kind, id_), id_) for id_ in changed_ids):
        row = draft.planned[kind][id_]
        holder = holders.setdefault(row["name_key"], id_)
        if holder == id_:
            continue
        message = f"Another {kind} is now named {row['name']}."
        draft.add_conflict(
            kind, id_, "name", "name_taken", message, current=holder, forcible=is_restored
        )
        if is_restored:
            replacements[id_] = holder
            draft.keep_in_trash(kind, id_)
        else:
            draft.keep(kind, id_, "name", "name_key", "sort_key")
            holders[row["name_key"]] = id_
    _reassign_tasks(draft, kind, replacements)


async def _find_holders(
    draft: Draft, kind: LabelKind, changed_ids: Sequence[str]
) -> dict[str, str]:
    """Return, by case-folded name, the ids of the live labels that keep one of the planned names.

    Labels that the undo trashes or renames are omitted.
    """
    keys = sorted({draft.planned[kind][id_]["name_key"] for id_ in changed_ids})
    label = CATEGORY if kind == "category" else TAG
    found = await list_labels_named(draft.batch.transaction, label, draft.batch.workspace_id, keys)
    return {
        row["name_key"]: row["id"]
        for row in found
        if row["id"] not in draft.planned[kind]
        or not (
            draft.is_trashing(kind, row["id"]) or draft.is_changing(kind, row["id"], "name_key")
        )
    }


def _reassign_tasks(draft: Draft, kind: LabelKind, replacements: dict[str, str]) -> None:
    if not replacements:
        return
    for task in draft.planned["task"].values():
        if kind == "tag":
            task["tag_ids"] = sorted({replacements.get(one, one) for one in task["tag_ids"]})
        elif task["deleted_at"] is None and task["category_id"] in replacements:
            task["category_id"] = replacements[task["category_id"]]


async def _clear_trashed_categories(draft: Draft) -> None:
    """Remove the categories that the undo trashes from live tasks."""
    ids = [id_ for id_ in draft.planned["category"] if draft.is_trashing("category", id_)]
    if not ids:
        return
    task_ids = await list_task_ids_in_categories(
        draft.batch.transaction, draft.batch.workspace_id, ids
    )
    await draft.load_rows("task", task_ids)
    counts: defaultdict[str, int] = defaultdict(int)
    async for task_id in yield_every(_merge_ids(task_ids, draft.planned["task"])):
        task = draft.get_row("task", task_id)
        if task["deleted_at"] is None and task["category_id"] in ids:
            counts[task["category_id"]] += 1
            draft.edit_row("task", task_id)["category_id"] = None
    for id_, count in counts.items():
        message = f"Other tasks ({count}) are in this category and would have none."
        _add_in_use_conflict(draft, "category", id_, count, message)


async def _remove_trashed_tags(draft: Draft) -> None:
    """Remove the tags that the undo trashes from all tasks, including trashed tasks."""
    ids = {id_ for id_ in draft.planned["tag"] if draft.is_trashing("tag", id_)}
    if not ids:
        return
    task_ids = await list_tagged_task_ids(
        draft.batch.transaction, draft.batch.workspace_id, sorted(ids)
    )
    await draft.load_rows("task", task_ids)
    counts: defaultdict[str, int] = defaultdict(int)
    async for task_id in yield_every(_merge_ids(task_ids, draft.planned["task"])):
        task = draft.get_row("task", task_id)
        removed = ids.intersection(task["tag_ids"])
        if not removed:
            continue
        # No conflict for trashed tasks. Otherwise, undoing the creation of a task and then the
        # creation of its tag would fail.
        for tag_id in removed if task["deleted_at"] is None else ():
            counts[tag_id] += 1
        edited = draft.edit_row("task", task_id)
        edited["tag_ids"] = [tag_id for tag_id in task["tag_ids"] if tag_id not in removed]
    for id_, count in counts.items():
        message = f"Other tasks ({count}) have this tag and would lose it."
        _add_in_use_conflict(draft, "tag", id_, count, message)


def _merge_ids(ids: Iterable[str], rows: dict[str, Row]) -> list[str]:
    return list(dict.fromkeys((*ids, *rows)))


def _add_in_use_conflict(draft: Draft, kind: LabelKind, id_: str, count: int, message: str) -> None:
    draft.add_conflict(
        kind, id_, "tasks", "in_use", message, expected=0, current=count, forcible=True
    )
