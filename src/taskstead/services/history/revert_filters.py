"""Validates the saved filters of an undo, and hides those of other users from it.

An undo neither changes nor reports a filter that the user does not see, with one exception. If the
batch to undo renamed a category or a tag, it also renamed it in the filters of all users
(``services/saved_filters/renames.py``). These filters get their former text without being reported.
"""

from collections.abc import Iterable, Sequence

from taskstead.entities.saved_filters import SAVED_FILTER
from taskstead.queries.saved_filters import list_names_in_use
from taskstead.services.history.revert_plan import Draft, Revert, Row
from taskstead.tables.changes import ChangeRow

KIND = SAVED_FILTER.kind
_LABEL_KINDS = ("category", "tag")


def list_visible_changes(changes: Iterable[ChangeRow], user_id: str) -> list[ChangeRow]:
    """Return the changes that a user sees."""
    return [change for change in changes if change["visible_to"] in (None, user_id)]


def list_renames(changes: Sequence[ChangeRow]) -> list[ChangeRow]:
    """Return the changes of a batch that wrote the new name of a category or a tag in filters."""
    if not any(change["kind"] in _LABEL_KINDS for change in changes):
        return []
    return [
        change for change in changes if change["kind"] == KIND and [*change["fields"]] == ["filter"]
    ]


def is_hidden(draft: Draft, item: Revert, user_id: str | None) -> bool:
    """Return whether the current row of an entity is one that the user does not see."""
    row = draft.current[item.kind].get(item.id)
    entity = draft.entities[item.kind]
    return row is not None and entity.find_visible_to(row) not in (None, user_id)


def restore_names(draft: Draft, renames: Iterable[Revert]) -> None:
    """Plan the former texts of filters. A filter that was changed later is left as it is."""
    for item in renames:
        row = draft.current[KIND].get(item.id)
        if row is None or "filter" not in item.fields:
            continue
        old, new = item.fields["filter"]
        if row["filter"] == new:
            planned = draft.edit_row(KIND, item.id)
            planned["filter"] = old
            planned |= SAVED_FILTER.derive(planned, frozenset({"filter"}))


async def check_filters(draft: Draft, user_id: str | None) -> None:
    """Check that only its owner stops sharing a filter, and that names are unique."""
    planned = draft.planned.get(KIND, {})
    for id_, row in planned.items():
        is_unshared = draft.is_changing(KIND, id_, "is_shared") and not row["is_shared"]
        if is_unshared and row["owner_id"] != user_id:
            message = "Only its owner can stop sharing it."
            draft.add_conflict(KIND, id_, "is_shared", "not_owner", message)
            draft.keep(KIND, id_, "is_shared")
    named = [
        id_
        for id_, row in planned.items()
        if row["deleted_at"] is None
        and (
            draft.is_restoring(KIND, id_)
            or draft.is_changing(KIND, id_, "name_key")
            or draft.is_changing(KIND, id_, "is_shared")
        )
    ]
    if named:
        await _check_unique_names(draft, named)


async def _check_unique_names(draft: Draft, named: Sequence[str]) -> None:
    """Keep the current name or state of a filter whose former name another filter has."""
    planned = draft.planned[KIND]
    in_use = await list_names_in_use(
        draft.batch.transaction,
        draft.batch.workspace_id,
        name_keys=sorted({planned[id_]["name_key"] for id_ in named}),
    )
    holders = {
        (SAVED_FILTER.find_visible_to(row), row["name_key"]): row["id"]
        for row in in_use
        if row["id"] not in named and not draft.is_trashing(KIND, row["id"])
    }
    for id_ in named:
        row = planned[id_]
        holder = holders.setdefault(_make_key(row), id_)
        if holder == id_:
            continue
        message = f"Another filter is now named {row['name']}."
        is_restored = draft.is_restoring(KIND, id_)
        draft.add_conflict(
            KIND, id_, "name", "name_taken", message, current=holder, forcible=is_restored
        )
        draft.keep(KIND, id_, "name", "name_key", "is_shared")
        if is_restored:
            draft.keep_in_trash(KIND, id_)
        else:
            holders[_make_key(row)] = id_


def _make_key(row: Row) -> tuple[str | None, str]:
    return SAVED_FILTER.find_visible_to(row), row["name_key"]
