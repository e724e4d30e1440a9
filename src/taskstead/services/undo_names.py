"""Validates the references of an undo: categories, tags and assignees exist, names are unique."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

from taskstead.cooperative import yield_every
from taskstead.db.statements import Row
from taskstead.queries.categories import list_categories_by_keys
from taskstead.queries.tags import list_tags_by_keys
from taskstead.queries.undo import list_tagged_task_ids, list_task_ids_in_categories
from taskstead.queries.workspaces import list_member_ids
from taskstead.services.undo_draft import Draft

LabelKind = Literal["category", "tag"]


async def check_assignees_and_zones(draft: Draft) -> None:
    """Do not restore an assignee who is no longer a member, nor a time zone without a due date."""
    touched = draft.planned["task"]
    assigned = [
        id_
        for id_, row in touched.items()
        if row["assignee_id"] is not None and draft.is_changing("task", id_, "assignee_id")
    ]
    wanted = sorted({touched[id_]["assignee_id"] for id_ in assigned})
    known: set[str] = set()
    if wanted:
        known = await list_member_ids(draft.batch.transaction, draft.batch.workspace_id, wanted)
    for id_ in assigned:
        if touched[id_]["assignee_id"] not in known:
            message = "Its former assignee is no longer a member of this workspace."
            user_id = touched[id_]["assignee_id"]
            draft.add_conflict("task", id_, "assignee_id", "not_a_member", message, present=user_id)
            draft.keep("task", id_, "assignee_id")
    async for id_, row in yield_every(touched.items()):
        if row["due_time_zone"] is not None and row["due_date"] is None:
            message = "A time zone requires a due date."
            # If the undo removes the due date, `force` also removes a zone that was set later.
            is_later = not draft.is_changing("task", id_, "due_time_zone")
            draft.add_conflict(
                "task",
                id_,
                "due_time_zone",
                "zone_without_date",
                message,
                present=row["due_time_zone"],
                forcible=is_later,
            )
            row["due_time_zone"] = None


async def check_names(draft: Draft) -> None:
    """Validate categories and tags: live tasks refer to live ones, and their names are unique."""
    await _drop_purged_references(draft)
    await _restore_categories(draft)
    await _restore_tags(draft)
    for kind in ("category", "tag"):
        await _check_unique_names(draft, kind)
    await _clear_trashed_categories(draft)
    await _remove_trashed_tags(draft)


async def _drop_purged_references(draft: Draft) -> None:
    """Do not restore references to categories and tags that were purged."""
    async for id_, task in yield_every(draft.planned["task"].items()):
        category_id = task["category_id"]
        is_missing = category_id is not None and category_id not in draft.current["category"]
        if is_missing and draft.is_changing("task", id_, "category_id"):
            message = "Its former category was permanently deleted."
            draft.add_conflict(
                "task", id_, "category_id", "category_gone", message, present=category_id
            )
            draft.keep("task", id_, "category_id")
        for tag_id in task["tag_ids"]:
            if tag_id not in draft.current["tag"] and draft.is_changing("task", id_, "tag_ids"):
                message = "One of its former tags was permanently deleted."
                draft.add_conflict("task", id_, "tag_ids", "tag_gone", message, present=tag_id)
                task["tag_ids"] = [one for one in task["tag_ids"] if one != tag_id]


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
                present=category_id,
                forcible=True,
            )
        # Restoring a task restores its category, as in services/restore.py.
        draft.restore("category", category_id)


async def _restore_tags(draft: Draft) -> None:
    async for id_, task in yield_every(list(draft.planned["task"].items())):
        for tag_id in task["tag_ids"] if draft.is_changing("task", id_, "tag_ids") else ():
            tag = draft.get_row("tag", tag_id)
            if tag["deleted_at"] is not None and not draft.is_trashing("tag", tag_id):
                message = f"One of its former tags, {tag['name']}, is in the trash."
                draft.add_conflict(
                    "task", id_, "tag_ids", "tag_trashed", message, present=tag_id, forcible=True
                )
                draft.restore("tag", tag_id)


async def _check_unique_names(draft: Draft, kind: LabelKind) -> None:
    """Keep the names of a kind unique, with a conflict for each name that is taken.

    A rename to a taken name is not done. A category or tag that would be restored with a taken name
    stays in the trash, and its tasks get the one that has the name.
    """
    wanted = [
        id_
        for id_, row in draft.planned[kind].items()
        if row["deleted_at"] is None
        and (draft.is_restoring(kind, id_) or draft.is_changing(kind, id_, "name_key"))
    ]
    if not wanted:
        return
    holders = await _find_holders(draft, kind, wanted)
    replacements: dict[str, str] = {}
    # Renames first: if one is not done, its current name is taken for the restored ones. Among the
    # restored ones the older one gets the name.
    for is_restored, id_ in sorted((draft.is_restoring(kind, id_), id_) for id_ in wanted):
        row = draft.planned[kind][id_]
        holder = holders.setdefault(row["name_key"], id_)
        if holder == id_:
            continue
        message = f"Another {kind} is now named {row['name']}."
        draft.add_conflict(
            kind, id_, "name", "name_taken", message, present=holder, forcible=is_restored
        )
        if is_restored:
            replacements[id_] = holder
            draft.keep_in_trash(kind, id_)
        else:
            draft.keep(kind, id_, "name", "name_key", "sort_key")
            holders[row["name_key"]] = id_
    _reassign_tasks(draft, kind, replacements)


async def _find_holders(draft: Draft, kind: LabelKind, wanted: Sequence[str]) -> dict[str, str]:
    """Return, by case-folded name, the ids that have one of the planned names and keep it."""
    keys = sorted({draft.planned[kind][id_]["name_key"] for id_ in wanted})
    reader, workspace_id = draft.batch.transaction, draft.batch.workspace_id
    if kind == "category":
        found = await list_categories_by_keys(reader, workspace_id, keys)
    else:
        found = await list_tags_by_keys(reader, workspace_id, keys)
    return {
        row["name_key"]: row["id"]
        for row in found
        if row["id"] not in draft.planned[kind]
        or not (
            draft.is_trashing(kind, row["id"]) or draft.is_changing(kind, row["id"], "name_key")
        )
    }


def _reassign_tasks(draft: Draft, kind: LabelKind, replacements: dict[str, str]) -> None:
    for id_, task in draft.planned["task"].items() if replacements else ():
        if kind == "tag":
            task["tag_ids"] = sorted({replacements.get(one, one) for one in task["tag_ids"]})
        elif task["deleted_at"] is None and task["category_id"] in replacements:
            draft.planned["task"][id_]["category_id"] = replacements[task["category_id"]]


async def _clear_trashed_categories(draft: Draft) -> None:
    """Remove the category of live tasks whose category the undo trashes."""
    ids = [id_ for id_ in draft.planned["category"] if draft.is_trashing("category", id_)]
    if not ids:
        return
    filed = await list_task_ids_in_categories(
        draft.batch.transaction, draft.batch.workspace_id, ids
    )
    await draft.load_tasks(filed)
    counts: defaultdict[str, int] = defaultdict(int)
    async for task_id in yield_every(_list_all(filed, draft.planned["task"])):
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
    tagged = await list_tagged_task_ids(
        draft.batch.transaction, draft.batch.workspace_id, sorted(ids)
    )
    await draft.load_tasks(tagged)
    counts: defaultdict[str, int] = defaultdict(int)
    async for task_id in yield_every(_list_all(tagged, draft.planned["task"])):
        task = draft.get_row("task", task_id)
        removed = ids.intersection(task["tag_ids"])
        if not removed:
            continue
        # No conflict for trashed tasks: otherwise undoing two creations in a row would fail.
        for tag_id in removed if task["deleted_at"] is None else ():
            counts[tag_id] += 1
        edited = draft.edit_row("task", task_id)
        edited["tag_ids"] = [tag_id for tag_id in task["tag_ids"] if tag_id not in removed]
    for id_, count in counts.items():
        message = f"Other tasks ({count}) have this tag and would lose it."
        _add_in_use_conflict(draft, "tag", id_, count, message)


def _list_all(found: Iterable[str], touched: dict[str, Row]) -> list[str]:
    return list(dict.fromkeys((*found, *touched)))


def _add_in_use_conflict(draft: Draft, kind: LabelKind, id_: str, count: int, message: str) -> None:
    draft.add_conflict(
        kind, id_, "tasks", "in_use", message, expected=0, present=count, forcible=True
    )
