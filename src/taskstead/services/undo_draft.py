"""What an undo would make of tasks, categories and tags, and what stands against it.

Nothing is written here. Every step does what ``force`` would have it do and notes why that is more
than putting old values back; without ``force`` one note is enough, and the draft is thrown away.
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

_INSTANTS = frozenset({"completed_at", "created_at", "deleted_at"})
_LOGGED: dict[Kind, tuple[str, ...]] = {
    "category": categories.LOGGED,
    "tag": tags.LOGGED,
    "task": (*task_columns.LOGGED, "tag_ids"),
}
_ABSENT = (None, None)


@dataclass(slots=True)
class Revert:
    """What of one thing is to be undone, all changes taken together.

    Attributes:
        is_new: it was created by them.
        is_purged: it was purged by them.
        last_revision: of the last of them.
        fields: old value before the first of them, new value after the last.
    """

    kind: Kind
    id: str
    is_new: bool = False
    is_purged: bool = False
    last_revision: int = 0
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)


async def collect_reverts(changes: Iterable[Row]) -> list[Revert]:
    """Take the changes of each thing together; what comes out as it was is left out.

    Args:
        changes: rows of the log, by revision.
    """
    wishes: dict[tuple[Kind, str], Revert] = {}
    async for change in yield_every(changes):
        key = (change["kind"], change["entity_id"])
        wish = wishes.setdefault(key, Revert(*key))
        wish.is_new = wish.is_new or change["action"] == "created"
        wish.is_purged = wish.is_purged or change["action"] == "purged"
        wish.last_revision = change["revision"]
        for name, (old, new) in change["fields"].items():
            first, _ = wish.fields.get(name, (_read(name, old), None))
            wish.fields[name] = (first, _read(name, new))
    async for wish in yield_every(wishes.values()):
        wish.fields = {name: pair for name, pair in wish.fields.items() if pair[0] != pair[1]}
    return list(wishes.values())


def _read(name: str, value: Any) -> Any:
    """Return a value of the log as the tables have it."""
    if name in _INSTANTS and value is not None:
        return datetime.fromisoformat(value)
    return (value or []) if name == "tag_ids" else value


class Draft:
    """Rows as they are, as they are to be, and what stands against that.

    A task's row has ``tag_ids`` besides its columns.

    Attributes:
        batch: the undo's own.
        now: by kind and id, what is there.
        then: by kind and id, what is touched, as it is to be.
        conflicts: the JSON data of ``schemas.undo.UndoConflict``.
    """

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.now: dict[Kind, dict[str, Row]] = {"category": {}, "tag": {}, "task": {}}
        self.then: dict[Kind, dict[str, Row]] = {"category": {}, "tag": {}, "task": {}}
        self.conflicts: list[dict[str, Any]] = []

    def get_row(self, kind: Kind, id_: str) -> Row:
        """Return what a thing is to be, be it touched or not."""
        return self.then[kind].get(id_) or self.now[kind][id_]

    def is_trashing(self, kind: Kind, id_: str) -> bool:
        """Tell whether a thing that is not in the trash goes there."""
        row = self.then[kind].get(id_)
        is_there = row is not None and row["deleted_at"] is not None
        return is_there and self.now[kind][id_]["deleted_at"] is None

    def is_restoring(self, kind: Kind, id_: str) -> bool:
        """Tell whether a thing comes back from the trash."""
        row = self.then[kind].get(id_)
        is_back = row is not None and row["deleted_at"] is None
        return is_back and self.now[kind][id_]["deleted_at"] is not None

    def is_changing(self, kind: Kind, id_: str, name: str) -> bool:
        """Tell whether a field of a thing is to have another value."""
        row = self.then[kind].get(id_)
        return row is not None and bool(row[name] != self.now[kind][id_][name])

    def edit_row(self, kind: Kind, id_: str) -> Row:
        """Return the row to write into."""
        return self.then[kind].setdefault(id_, dict(self.now[kind][id_]))

    def trash(self, kind: Kind, id_: str) -> None:
        """Have a thing go to the trash."""
        row = self.edit_row(kind, id_)
        row["deleted_at"] = self.batch.at
        if kind != "tag":
            row["deleted_batch"] = self.batch.id

    def restore(self, kind: Kind, id_: str) -> None:
        """Have a thing come back from the trash."""
        row = self.edit_row(kind, id_)
        row["deleted_at"] = None
        if kind != "tag":
            row["deleted_batch"] = None

    def keep(self, kind: Kind, id_: str, *names: str) -> None:
        """Have fields of a thing stay as they are."""
        row = self.edit_row(kind, id_)
        row |= {name: self.now[kind][id_][name] for name in names}

    def keep_in_trash(self, kind: Kind, id_: str) -> None:
        """Have a thing stay in the trash."""
        self.keep(kind, id_, "deleted_at", *(() if kind == "tag" else ("deleted_batch",)))

    def note(
        self,
        kind: Kind,
        id_: str,
        name: str | None,
        code: str,
        message: str,
        *,
        expected: Any = None,
        present: Any = None,
        forcible: bool = False,
    ) -> None:
        """Note what stands against the undo."""
        self.conflicts.append(
            {
                "kind": kind,
                "id": id_,
                "field": name,
                "expected": expected,
                "present": present,
                "code": code,
                "message": message,
                "forcible": forcible,
            }
        )

    def list_pairs(self, kind: Kind) -> list[tuple[Row, Row]]:
        """Return the touched things of a kind, each as it is and as it is to be."""
        return [(self.now[kind][id_], row) for id_, row in self.then[kind].items()]

    async def load_tasks(self, ids: Iterable[str]) -> None:
        """Load tasks that are not there yet."""
        wanted = sorted(set(ids) - self.now["task"].keys())
        if not wanted:
            return
        reader, workspace_id = self.batch.transaction, self.batch.workspace_id
        for row in await list_tasks_by_ids(reader, workspace_id, wanted):
            self.now["task"][row["id"]] = row

    async def load_names(self, category_ids: Iterable[str], tag_ids: Iterable[str]) -> None:
        """Load categories and tags that are not there yet."""
        reader, workspace_id = self.batch.transaction, self.batch.workspace_id
        wanted = sorted(set(category_ids) - self.now["category"].keys())
        if wanted:
            for row in await list_categories_by_ids(reader, workspace_id, wanted):
                self.now["category"][row["id"]] = row
        wanted = sorted(set(tag_ids) - self.now["tag"].keys())
        if wanted:
            for row in await list_tags_by_ids(reader, workspace_id, wanted):
                self.now["tag"][row["id"]] = row


async def load_draft(batch: Batch, wishes: Sequence[Revert]) -> Draft:
    """Load what the wishes are about, with all categories and tags that it has or may get."""
    draft = Draft(batch)
    ids: Mapping[str, list[str]] = {
        kind: [wish.id for wish in wishes if wish.kind == kind] for kind in _LOGGED
    }
    await draft.load_tasks(ids["task"])
    category_ids, tag_ids = set(ids["category"]), set(ids["tag"])
    async for wish in yield_every(wishes):
        if wish.kind == "task":
            category_ids.add(wish.fields.get("category_id", _ABSENT)[0])
            tag_ids.update(wish.fields.get("tag_ids", _ABSENT)[0] or ())
    for task in draft.now["task"].values():
        category_ids.add(task["category_id"])
        tag_ids.update(task["tag_ids"])
    await draft.load_names(category_ids - {None}, tag_ids)
    return draft


def revert(draft: Draft, wish: Revert) -> None:
    """Put the old values of one thing back, and note each that is not the new one any more."""
    kind, id_ = wish.kind, wish.id
    now = draft.now[kind][id_]
    if wish.is_new:
        for name in _LOGGED[kind]:
            _, new = wish.fields.get(name, (None, [] if name == "tag_ids" else None))
            _compare(draft, wish, name, new)
        if now["deleted_at"] is None:
            draft.trash(kind, id_)
        return
    then = draft.edit_row(kind, id_)
    for name, (old, new) in wish.fields.items():
        if name == "tag_ids":
            _put_tags_back(draft, wish, then)
        else:
            _compare(draft, wish, name, new)
            then[name] = old
    if kind == "task":
        _match_completion(draft, then)
    elif "name" in wish.fields:
        then |= make_name_columns(then["name"])


def _compare(draft: Draft, wish: Revert, name: str, expected: Any) -> None:
    present = draft.now[wish.kind][wish.id][name]
    if present != expected:
        message = f"The {name} of this {wish.kind} has been changed since."
        draft.note(
            wish.kind,
            wish.id,
            name,
            "changed",
            message,
            expected=expected,
            present=present,
            forcible=True,
        )


def _put_tags_back(draft: Draft, wish: Revert, then: Row) -> None:
    """Put back what was taken off and take off what was put on; other tags do not matter."""
    old, new = map(set, wish.fields["tag_ids"])
    present = set(then["tag_ids"])
    expected = (present | (new - old)) - (old - new)
    if present != expected:
        _compare(draft, wish, "tag_ids", sorted(expected))
    then["tag_ids"] = sorted((present - (new - old)) | (old - new))


def _match_completion(draft: Draft, then: Row) -> None:
    """With force, an old status may meet a time of completion that came later."""
    if then["status"] != "done":
        then["completed_at"] = None
    elif then["completed_at"] is None:
        then["completed_at"] = draft.batch.at
