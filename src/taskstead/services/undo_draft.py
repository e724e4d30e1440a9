"""Draft of an undo: the planned rows of tasks, categories and tags, and the conflicts.

This module writes nothing. The draft has the rows that a forced undo would write. A conflict is
recorded where the undo would overwrite later changes or affect other entities, and where an old
value is no longer valid. Without ``force``, a single conflict aborts the undo.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from taskstead.cooperative import yield_every
from taskstead.db.statements import Row
from taskstead.queries.categories import list_categories_by_ids
from taskstead.queries.tags import list_tags_by_ids
from taskstead.queries.tasks import list_tasks_by_ids
from taskstead.schemas.text import make_name_columns
from taskstead.services import categories, tags, task_columns
from taskstead.services.changes import Batch, Kind

# Fields with a time, which is a string in the change log.
_INSTANT_FIELDS = frozenset({"completed_at", "created_at", "deleted_at"})
_LOGGED: dict[Kind, tuple[str, ...]] = {
    "category": categories.LOGGED,
    "tag": tags.LOGGED,
    "task": (*task_columns.LOGGED, "tag_ids"),
}
# Stands for a field that the changes to undo do not contain.
_NO_CHANGE = (None, None)


@dataclass(slots=True)
class Revert:
    """The combined changes of one entity that are to be undone.

    Attributes:
        is_new: whether one of the changes created the entity.
        is_purged: whether one of the changes purged the entity.
        last_revision: revision of the last change.
        fields: by name of the field, its values before the first change and after the last change.
    """

    kind: Kind
    id: str
    is_new: bool = False
    is_purged: bool = False
    last_revision: int = 0
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)


async def collect_reverts(changes: Iterable[Row]) -> list[Revert]:
    """Combine the changes of each entity.

    A field is omitted if its values before the first and after the last change are equal.

    Args:
        changes: rows of the change log, ordered by revision.
    """
    reverts: dict[tuple[Kind, str], Revert] = {}
    async for change in yield_every(changes):
        key = (change["kind"], change["entity_id"])
        item = reverts.setdefault(key, Revert(*key))
        item.is_new = item.is_new or change["action"] == "created"
        item.is_purged = item.is_purged or change["action"] == "purged"
        item.last_revision = change["revision"]
        for name, (old, new) in change["fields"].items():
            first, _ = item.fields.get(name, (_parse_value(name, old), None))
            item.fields[name] = (first, _parse_value(name, new))
    async for item in yield_every(reverts.values()):
        item.fields = {name: pair for name, pair in item.fields.items() if pair[0] != pair[1]}
    return list(reverts.values())


def _parse_value(name: str, value: Any) -> Any:
    """Convert a value of the change log to the type used in the table."""
    if name in _INSTANT_FIELDS and value is not None:
        return datetime.fromisoformat(value)
    return (value or []) if name == "tag_ids" else value


class Draft:
    """Current and planned rows of an undo, and its conflicts.

    The row of a task has ``tag_ids`` in addition to its columns. A trashed tag is removed from all
    tasks, so tags have no ``deleted_batch``.

    Attributes:
        batch: the batch of the undo.
        current: the loaded rows by kind and id.
        planned: the changed rows by kind and id.
        conflicts: JSON data of ``schemas.undo.UndoConflict``.
    """

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.current: dict[Kind, dict[str, Row]] = {"category": {}, "tag": {}, "task": {}}
        self.planned: dict[Kind, dict[str, Row]] = {"category": {}, "tag": {}, "task": {}}
        self.conflicts: list[dict[str, Any]] = []

    def get_row(self, kind: Kind, id_: str) -> Row:
        """Return the planned row of an entity, or the current one if it does not change."""
        return self.planned[kind].get(id_) or self.current[kind][id_]

    def is_trashing(self, kind: Kind, id_: str) -> bool:
        """Return whether the undo moves an entity to the trash."""
        row = self.planned[kind].get(id_)
        is_planned_trashed = row is not None and row["deleted_at"] is not None
        return is_planned_trashed and self.current[kind][id_]["deleted_at"] is None

    def is_restoring(self, kind: Kind, id_: str) -> bool:
        """Return whether the undo restores an entity from the trash."""
        row = self.planned[kind].get(id_)
        is_planned_live = row is not None and row["deleted_at"] is None
        return is_planned_live and self.current[kind][id_]["deleted_at"] is not None

    def is_changing(self, kind: Kind, id_: str, name: str) -> bool:
        """Return whether the undo changes a field of an entity."""
        row = self.planned[kind].get(id_)
        return row is not None and bool(row[name] != self.current[kind][id_][name])

    def edit_row(self, kind: Kind, id_: str) -> Row:
        """Return the planned row of an entity for modification; if there is none, add it first."""
        return self.planned[kind].setdefault(id_, dict(self.current[kind][id_]))

    def trash(self, kind: Kind, id_: str) -> None:
        """Plan to move an entity to the trash."""
        row = self.edit_row(kind, id_)
        row["deleted_at"] = self.batch.at
        if kind != "tag":
            row["deleted_batch"] = self.batch.id

    def restore(self, kind: Kind, id_: str) -> None:
        """Plan to restore an entity from the trash."""
        row = self.edit_row(kind, id_)
        row["deleted_at"] = None
        if kind != "tag":
            row["deleted_batch"] = None

    def keep(self, kind: Kind, id_: str, *names: str) -> None:
        """Plan to leave the current values of fields unchanged."""
        row = self.edit_row(kind, id_)
        row |= {name: self.current[kind][id_][name] for name in names}

    def keep_in_trash(self, kind: Kind, id_: str) -> None:
        """Plan to leave an entity in the trash."""
        self.keep(kind, id_, "deleted_at", *(() if kind == "tag" else ("deleted_batch",)))

    def add_conflict(
        self,
        kind: Kind,
        id_: str,
        name: str | None,
        code: str,
        message: str,
        *,
        expected: Any = None,
        current: Any = None,
        forcible: bool = False,
    ) -> None:
        """Record a conflict.

        Args:
            kind: the kind of the entity.
            id_: the entity's id.
            name: the field; None for the whole entity.
            code: machine-readable reason.
            message: human-readable reason.
            expected: the value that the field would need to have now to avoid the conflict.
            current: the current value, or the id of the entity that causes the conflict.
            forcible: whether ``force`` overrides the conflict.
        """
        self.conflicts.append(
            {
                "kind": kind,
                "id": id_,
                "field": name,
                "expected": expected,
                "present": current,
                "code": code,
                "message": message,
                "forcible": forcible,
            }
        )

    def list_pairs(self, kind: Kind) -> list[tuple[Row, Row]]:
        """Return (current row, planned row) pairs for the changed entities of a kind."""
        return [(self.current[kind][id_], row) for id_, row in self.planned[kind].items()]

    async def load_tasks(self, ids: Iterable[str]) -> None:
        """Load tasks. Tasks that are already loaded are skipped."""
        missing_ids = sorted(set(ids) - self.current["task"].keys())
        if not missing_ids:
            return
        reader, workspace_id = self.batch.transaction, self.batch.workspace_id
        for row in await list_tasks_by_ids(reader, workspace_id, missing_ids):
            self.current["task"][row["id"]] = row

    async def load_labels(self, category_ids: Iterable[str], tag_ids: Iterable[str]) -> None:
        """Load categories and tags. Those already loaded are skipped."""
        reader, workspace_id = self.batch.transaction, self.batch.workspace_id
        missing_ids = sorted(set(category_ids) - self.current["category"].keys())
        if missing_ids:
            for row in await list_categories_by_ids(reader, workspace_id, missing_ids):
                self.current["category"][row["id"]] = row
        missing_ids = sorted(set(tag_ids) - self.current["tag"].keys())
        if missing_ids:
            for row in await list_tags_by_ids(reader, workspace_id, missing_ids):
                self.current["tag"][row["id"]] = row


async def load_draft(batch: Batch, reverts: Sequence[Revert]) -> Draft:
    """Load the entities to revert. For tasks, also load the current and the old labels."""
    draft = Draft(batch)
    ids: Mapping[str, list[str]] = {
        kind: [item.id for item in reverts if item.kind == kind] for kind in _LOGGED
    }
    await draft.load_tasks(ids["task"])
    category_ids, tag_ids = set(ids["category"]), set(ids["tag"])
    async for item in yield_every(reverts):
        if item.kind == "task":
            category_ids.add(item.fields.get("category_id", _NO_CHANGE)[0])
            tag_ids.update(item.fields.get("tag_ids", _NO_CHANGE)[0] or ())
    for task in draft.current["task"].values():
        category_ids.add(task["category_id"])
        tag_ids.update(task["tag_ids"])
    await draft.load_labels(category_ids - {None}, tag_ids)
    return draft


def revert(draft: Draft, item: Revert) -> None:
    """Plan to write the old values of an entity again.

    An entity that was created is moved to the trash. A field that changed after the changes to undo
    causes a conflict.
    """
    kind, id_ = item.kind, item.id
    current = draft.current[kind][id_]
    if item.is_new:
        for name in _LOGGED[kind]:
            _, new = item.fields.get(name, (None, [] if name == "tag_ids" else None))
            _check_field(draft, item, name, new)
        if current["deleted_at"] is None:
            draft.trash(kind, id_)
        return
    planned = draft.edit_row(kind, id_)
    for name, (old, new) in item.fields.items():
        if name == "tag_ids":
            _revert_tags(draft, item, planned)
        else:
            _check_field(draft, item, name, new)
            planned[name] = old
    if kind == "task":
        _match_completion(draft, planned)
    elif "name" in item.fields:
        planned |= make_name_columns(planned["name"])


def _check_field(draft: Draft, item: Revert, name: str, expected: Any) -> None:
    """Record a conflict if the current value of a field is not the expected one."""
    current = draft.current[item.kind][item.id][name]
    if current != expected:
        message = f"The {name} of this {item.kind} was changed later."
        draft.add_conflict(
            item.kind,
            item.id,
            name,
            "changed",
            message,
            expected=expected,
            current=current,
            forcible=True,
        )


def _revert_tags(draft: Draft, item: Revert, planned: Row) -> None:
    """Add the removed tags again and remove the added tags. Other tags of the task remain."""
    old, new = map(set, item.fields["tag_ids"])
    current = set(planned["tag_ids"])
    expected = (current | (new - old)) - (old - new)
    if current != expected:
        _check_field(draft, item, "tag_ids", sorted(expected))
    planned["tag_ids"] = sorted((current - (new - old)) | (old - new))


def _match_completion(draft: Draft, planned: Row) -> None:
    """Make ``completed_at`` consistent with the status.

    They can differ, because the changes to undo may contain only one of them.
    """
    if planned["status"] != "done":
        planned["completed_at"] = None
    elif planned["completed_at"] is None:
        planned["completed_at"] = draft.batch.at
