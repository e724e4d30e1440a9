"""Draft of an undo: the planned rows of all kinds, and the conflicts.

This module writes nothing. The draft has the rows that a forced undo would write. A conflict is
recorded where the undo would overwrite later changes or affect other entities, and where an old
value is no longer valid. Without ``force``, a single conflict aborts the undo.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from taskstead.concurrency.cooperative import yield_every
from taskstead.entities.entity import Entity
from taskstead.errors import UndoConflict
from taskstead.queries.entities import list_rows_by_ids
from taskstead.services.changelog import Batch
from taskstead.tables.changes import ChangeRow

Row = dict[str, Any]
"""The row of any entity, with its columns and links."""

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

    kind: str
    id: str
    is_new: bool = False
    is_purged: bool = False
    last_revision: int = 0
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)


async def collect_reverts(
    changes: Iterable[ChangeRow], entity_of_kind: Mapping[str, Entity[Any]]
) -> list[Revert]:
    """Combine the changes of each entity.

    A field is omitted if its values before the first and after the last change are equal.

    Args:
        changes: rows of the change log, ordered by revision.
        entity_of_kind: the description of each kind.
    """
    reverts: dict[tuple[str, str], Revert] = {}
    async for change in yield_every(changes):
        entity = entity_of_kind[change["kind"]]
        key = (change["kind"], change["entity_id"])
        item = reverts.setdefault(key, Revert(*key))
        item.is_new = item.is_new or change["action"] == "created"
        item.is_purged = item.is_purged or change["action"] == "purged"
        item.last_revision = change["revision"]
        for name, (old, new) in change["fields"].items():
            first, _ = item.fields.get(name, (entity.parse_logged_value(name, old), None))
            item.fields[name] = (first, entity.parse_logged_value(name, new))
    async for item in yield_every(reverts.values()):
        item.fields = {name: pair for name, pair in item.fields.items() if pair[0] != pair[1]}
    return list(reverts.values())


class Draft:
    """Current and planned rows of an undo, and its conflicts.

    Attributes:
        batch: the batch of the undo.
        entities: the descriptions of the entities by kind.
        current: the loaded rows by kind and id.
        planned: the changed rows by kind and id.
        conflicts: the conflicts found so far.
    """

    def __init__(self, batch: Batch, entities: Iterable[Entity[Any]]) -> None:
        self.batch = batch
        self.entities = {entity.kind: entity for entity in entities}
        self.current: dict[str, dict[str, Row]] = {kind: {} for kind in self.entities}
        self.planned: dict[str, dict[str, Row]] = {kind: {} for kind in self.entities}
        self.conflicts: list[UndoConflict] = []

    def get_row(self, kind: str, id_: str) -> Row:
        """Return the planned row of an entity, or the current one if it does not change."""
        return self.planned[kind].get(id_) or self.current[kind][id_]

    def is_trashing(self, kind: str, id_: str) -> bool:
        """Return whether the undo moves an entity to the trash."""
        row = self.planned[kind].get(id_)
        is_planned_trashed = row is not None and row["deleted_at"] is not None
        return is_planned_trashed and self.current[kind][id_]["deleted_at"] is None

    def is_restoring(self, kind: str, id_: str) -> bool:
        """Return whether the undo restores an entity from the trash."""
        row = self.planned[kind].get(id_)
        is_planned_live = row is not None and row["deleted_at"] is None
        return is_planned_live and self.current[kind][id_]["deleted_at"] is not None

    def is_changing(self, kind: str, id_: str, name: str) -> bool:
        """Return whether the undo changes a field of an entity."""
        row = self.planned[kind].get(id_)
        return row is not None and bool(row[name] != self.current[kind][id_][name])

    def edit_row(self, kind: str, id_: str) -> Row:
        """Return the planned row of an entity for modification; if there is none, add it first."""
        return self.planned[kind].setdefault(id_, dict(self.current[kind][id_]))

    def trash(self, kind: str, id_: str) -> None:
        """Plan to move an entity to the trash."""
        row = self.edit_row(kind, id_)
        row |= self.entities[kind].make_trash_values(self.batch.at, self.batch.id)

    def restore(self, kind: str, id_: str) -> None:
        """Plan to restore an entity from the trash."""
        row = self.edit_row(kind, id_)
        row |= dict.fromkeys(self.entities[kind].trash_fields)

    def keep(self, kind: str, id_: str, *names: str) -> None:
        """Plan to leave the current values of fields unchanged."""
        row = self.edit_row(kind, id_)
        row |= {name: self.current[kind][id_][name] for name in names}

    def keep_in_trash(self, kind: str, id_: str) -> None:
        """Plan to leave an entity in the trash."""
        self.keep(kind, id_, *self.entities[kind].trash_fields)

    def add_conflict(
        self,
        kind: str,
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

    def list_updates(self, entity: Entity[Any]) -> list[tuple[Row, Row]]:
        """Return pairs of a current row and its planned values, for ``update_rows``."""
        return [
            (self.current[entity.kind][id_], {name: row[name] for name in entity.fields})
            for id_, row in self.planned[entity.kind].items()
        ]

    async def load_rows(self, kind: str, ids: Iterable[str]) -> None:
        """Load entities. Those that are already loaded are skipped."""
        missing_ids = sorted(set(ids) - self.current[kind].keys())
        if missing_ids:
            rows = await list_rows_by_ids(
                self.batch.transaction, self.entities[kind], self.batch.workspace_id, missing_ids
            )
            self.current[kind] |= {row["id"]: row for row in rows}


async def load_draft(
    batch: Batch, entities: Iterable[Entity[Any]], reverts: Sequence[Revert]
) -> Draft:
    """Load the entities to revert. For tasks, also load the current and the old labels."""
    draft = Draft(batch, entities)
    for kind in draft.entities:
        await draft.load_rows(kind, [item.id for item in reverts if item.kind == kind])
    category_ids: set[str | None] = set()
    tag_ids: set[str] = set()
    async for item in yield_every(reverts):
        if item.kind == "task":
            category_ids.add(item.fields.get("category_id", _NO_CHANGE)[0])
            tag_ids.update(item.fields.get("tag_ids", _NO_CHANGE)[0] or ())
    for task in draft.current["task"].values():
        category_ids.add(task["category_id"])
        tag_ids.update(task["tag_ids"])
    await draft.load_rows("category", [id_ for id_ in category_ids if id_ is not None])
    await draft.load_rows("tag", tag_ids)
    return draft


def revert(draft: Draft, item: Revert) -> None:
    """Plan to write the old values of an entity again.

    An entity that was created is moved to the trash. A field that changed after the changes to undo
    causes a conflict.
    """
    kind, id_ = item.kind, item.id
    current, entity = draft.current[kind][id_], draft.entities[kind]
    if item.is_new:
        for name in entity.fields:
            _, new = item.fields.get(name, (None, entity.parse_logged_value(name, None)))
            _check_field(draft, item, name, new)
        if current["deleted_at"] is None:
            draft.trash(kind, id_)
        return
    planned = draft.edit_row(kind, id_)
    for name, (old, new) in item.fields.items():
        if any(name == link.name for link in entity.links):
            _revert_link(draft, item, name, planned)
        else:
            _check_field(draft, item, name, new)
            planned[name] = old
    if kind == "task":
        _match_completion(draft, planned)
    planned |= entity.derive(planned, frozenset(item.fields))


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


def _revert_link(draft: Draft, item: Revert, name: str, planned: Row) -> None:
    """Add the removed ids of a link again and remove the added ones. Other ids remain."""
    old, new = map(set, item.fields[name])
    added, removed = new - old, old - new
    current = set(planned[name])
    expected = (current | added) - removed
    if current != expected:
        _check_field(draft, item, name, sorted(expected))
    planned[name] = sorted((current - added) | removed)


def _match_completion(draft: Draft, planned: Row) -> None:
    """Make ``completed_at`` consistent with the status.

    They can differ, because the changes to undo may contain only one of them.
    """
    if planned["status"] != "done":
        planned["completed_at"] = None
    elif planned["completed_at"] is None:
        planned["completed_at"] = draft.batch.at
