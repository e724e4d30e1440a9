"""Categories, tags, members and time zones after an undo: what tasks refer to has to be there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

from taskstead.cooperative import yield_every
from taskstead.db.statements import Row
from taskstead.queries.categories import list_categories_by_keys
from taskstead.queries.tags import list_tags_by_keys
from taskstead.queries.undo import list_filed_task_ids, list_tagged_task_ids
from taskstead.queries.workspaces import list_member_ids
from taskstead.services.undo_draft import Draft

Named = Literal["category", "tag"]


async def check_people_and_zones(draft: Draft) -> None:
    """Leave an assignee who is no member any more, and a time zone without a date."""
    touched = draft.then["task"]
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
            message = "Who it was assigned to is not a member of this workspace any more."
            user_id = touched[id_]["assignee_id"]
            draft.note("task", id_, "assignee_id", "not_a_member", message, present=user_id)
            draft.keep("task", id_, "assignee_id")
    async for id_, row in yield_every(touched.items()):
        if row["due_time_zone"] is not None and row["due_date"] is None:
            message = "A time zone needs a due date beside it."
            # Where it is the date that is taken back, a zone that came later goes with it.
            is_later = not draft.is_changing("task", id_, "due_time_zone")
            draft.note(
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
    """See that live tasks have live categories and tags, with names that no other one has."""
    await _leave_out_what_is_gone(draft)
    await _bring_categories_back(draft)
    await _bring_tags_back(draft)
    for kind in ("category", "tag"):
        await _check_kind(draft, kind)
    await _empty_categories(draft)
    await _take_tags_off(draft)


async def _leave_out_what_is_gone(draft: Draft) -> None:
    """Leave out categories and tags that were deleted for good after their time in the trash."""
    async for id_, task in yield_every(draft.then["task"].items()):
        category_id = task["category_id"]
        is_gone = category_id is not None and category_id not in draft.now["category"]
        if is_gone and draft.is_changing("task", id_, "category_id"):
            message = "The category it had was deleted for good."
            draft.note("task", id_, "category_id", "category_gone", message, present=category_id)
            draft.keep("task", id_, "category_id")
        for tag_id in task["tag_ids"]:
            if tag_id not in draft.now["tag"] and draft.is_changing("task", id_, "tag_ids"):
                message = "A tag it had was deleted for good."
                draft.note("task", id_, "tag_ids", "tag_gone", message, present=tag_id)
                task["tag_ids"] = [one for one in task["tag_ids"] if one != tag_id]


async def _bring_categories_back(draft: Draft) -> None:
    async for id_, task in yield_every(list(draft.then["task"].items())):
        category_id = task["category_id"]
        if category_id is None or task["deleted_at"] is not None:
            continue
        category = draft.get_row("category", category_id)
        if category["deleted_at"] is None or draft.is_trashing("category", category_id):
            continue
        if draft.is_changing("task", id_, "category_id"):
            message = f"The category it had, {category['name']}, is in the trash."
            draft.note(
                "task",
                id_,
                "category_id",
                "category_trashed",
                message,
                present=category_id,
                forcible=True,
            )
        # A task that comes back brings its category along, as from the trash itself.
        draft.restore("category", category_id)


async def _bring_tags_back(draft: Draft) -> None:
    async for id_, task in yield_every(list(draft.then["task"].items())):
        for tag_id in task["tag_ids"] if draft.is_changing("task", id_, "tag_ids") else ():
            tag = draft.get_row("tag", tag_id)
            if tag["deleted_at"] is not None and not draft.is_trashing("tag", tag_id):
                message = f"The tag it had, {tag['name']}, is in the trash."
                draft.note(
                    "task", id_, "tag_ids", "tag_trashed", message, present=tag_id, forcible=True
                )
                draft.restore("tag", tag_id)


async def _check_kind(draft: Draft, kind: Named) -> None:
    """Keep names unique: a rename is left out, what comes back gives its tasks to its namesake."""
    wanted = [
        id_
        for id_, row in draft.then[kind].items()
        if row["deleted_at"] is None
        and (draft.is_restoring(kind, id_) or draft.is_changing(kind, id_, "name_key"))
    ]
    if not wanted:
        return
    holders = await _find_holders(draft, kind, wanted)
    heirs: dict[str, str] = {}
    # Renames first: one that is left out keeps its name from what comes back. Then the older one.
    for is_back, id_ in sorted((draft.is_restoring(kind, id_), id_) for id_ in wanted):
        row = draft.then[kind][id_]
        holder = holders.setdefault(row["name_key"], id_)
        if holder == id_:
            continue
        message = f"Another {kind} is named {row['name']} by now."
        draft.note(kind, id_, "name", "name_taken", message, present=holder, forcible=is_back)
        if is_back:
            heirs[id_] = holder
            draft.keep_in_trash(kind, id_)
        else:
            draft.keep(kind, id_, "name", "name_key", "sort_key")
            holders[row["name_key"]] = id_
    _give_tasks_away(draft, kind, heirs)


async def _find_holders(draft: Draft, kind: Named, wanted: Sequence[str]) -> dict[str, str]:
    """Return by caseless name who has it and keeps it, whatever becomes of the wanted ones."""
    keys = sorted({draft.then[kind][id_]["name_key"] for id_ in wanted})
    reader, workspace_id = draft.batch.transaction, draft.batch.workspace_id
    if kind == "category":
        found = await list_categories_by_keys(reader, workspace_id, keys)
    else:
        found = await list_tags_by_keys(reader, workspace_id, keys)
    return {
        row["name_key"]: row["id"]
        for row in found
        if row["id"] not in draft.then[kind]
        or not (
            draft.is_trashing(kind, row["id"]) or draft.is_changing(kind, row["id"], "name_key")
        )
    }


def _give_tasks_away(draft: Draft, kind: Named, heirs: dict[str, str]) -> None:
    for id_, task in draft.then["task"].items() if heirs else ():
        if kind == "tag":
            task["tag_ids"] = sorted({heirs.get(one, one) for one in task["tag_ids"]})
        elif task["deleted_at"] is None and task["category_id"] in heirs:
            draft.then["task"][id_]["category_id"] = heirs[task["category_id"]]


async def _empty_categories(draft: Draft) -> None:
    """Take live tasks out of the categories that go to the trash."""
    ids = [id_ for id_ in draft.then["category"] if draft.is_trashing("category", id_)]
    if not ids:
        return
    filed = await list_filed_task_ids(draft.batch.transaction, draft.batch.workspace_id, ids)
    await draft.load_tasks(filed)
    hanging: defaultdict[str, int] = defaultdict(int)
    async for task_id in yield_every(_list_all(filed, draft.then["task"])):
        task = draft.get_row("task", task_id)
        if task["deleted_at"] is None and task["category_id"] in ids:
            hanging[task["category_id"]] += 1
            draft.edit_row("task", task_id)["category_id"] = None
    for id_, count in hanging.items():
        message = f"Other tasks ({count}) are filed under it and would be under none."
        _note_use(draft, "category", id_, count, message)


async def _take_tags_off(draft: Draft) -> None:
    """Take the tags that go to the trash off all tasks, those in the trash too."""
    ids = {id_ for id_ in draft.then["tag"] if draft.is_trashing("tag", id_)}
    if not ids:
        return
    tagged = await list_tagged_task_ids(
        draft.batch.transaction, draft.batch.workspace_id, sorted(ids)
    )
    await draft.load_tasks(tagged)
    hanging: defaultdict[str, int] = defaultdict(int)
    async for task_id in yield_every(_list_all(tagged, draft.then["task"])):
        task = draft.get_row("task", task_id)
        gone = ids.intersection(task["tag_ids"])
        if not gone:
            continue
        # Those in the trash lose it without a word, or undoing two creations in a row would fail.
        for tag_id in gone if task["deleted_at"] is None else ():
            hanging[tag_id] += 1
        edited = draft.edit_row("task", task_id)
        edited["tag_ids"] = [tag_id for tag_id in task["tag_ids"] if tag_id not in gone]
    for id_, count in hanging.items():
        message = f"Other tasks ({count}) have this tag and would lose it."
        _note_use(draft, "tag", id_, count, message)


def _list_all(found: Iterable[str], touched: dict[str, Row]) -> list[str]:
    return list(dict.fromkeys((*found, *touched)))


def _note_use(draft: Draft, kind: Named, id_: str, count: int, message: str) -> None:
    draft.note(kind, id_, "tasks", "in_use", message, expected=0, present=count, forcible=True)
