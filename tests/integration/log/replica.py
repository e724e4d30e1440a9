"""A replica of one workspace that is built only from the change log.

It holds every row of the tables with every column. This shows that the columns that are not
logged follow from those that are.
"""

from typing import Any

import msgspec
from sqlalchemy import BindParameter, bindparam, select

from taskstead.db.database import Database
from taskstead.domain.due_dates import parse_due_date
from taskstead.domain.filters.renaming import make_label_keys
from taskstead.domain.fractional_index import find_order_number
from taskstead.domain.names import make_name_columns, make_sort_key
from taskstead.tables.changes import changes
from taskstead.tables.labels.categories import categories
from taskstead.tables.labels.tags import tags, task_tags
from taskstead.tables.occurrences import occurrences
from taskstead.tables.saved_filters import saved_filters
from taskstead.tables.tasks import tasks
from taskstead.tables.workspaces import members, workspaces
from tests.harness.untyped import untyped

Data = dict[str, Any]
Rows = dict[str, dict[str, Data]]
"""Rows by kind, then by id; values as JSON has them."""

TABLES = {
    "workspace": workspaces,
    "member": members,
    "category": categories,
    "tag": tags,
    "task": tasks,
    "occurrence": occurrences,
    "filter": saved_filters,
}
TOMBSTONES = {"task": "number", "occurrence": "task_id"}
# The fields that a purge removes from the log. A member has none.
TEXT: dict[str, set[str]] = {
    "task": {"title", "description"},
    "category": {"name"},
    "tag": {"name"},
    "occurrence": set(),
    "filter": {"name", "filter"},
}
# Built and compiled once, like the server's own statements.
_WORKSPACE: BindParameter[str] = bindparam("workspace")
_READ_LOG = (
    select(changes)
    .where(changes.c.workspace_id == _WORKSPACE, changes.c.revision > bindparam("after"))
    .order_by(changes.c.revision)
)
_READ_TAG_IDS = (
    select(task_tags.c.task_id, task_tags.c.tag_id)
    .where(task_tags.c.workspace_id == _WORKSPACE)
    .order_by(task_tags.c.tag_id)
)
_READ = {
    kind: select(table).where(
        (table.c.id if kind == "workspace" else table.c.workspace_id) == _WORKSPACE
    )
    for kind, table in TABLES.items()
}


class Replica:
    """The content of a workspace according to the log.

    Attributes:
        revision: the last applied revision.
        rows: every row, including trashed ones.
    """

    def __init__(self, workspace_id: str) -> None:
        self.workspace_id = workspace_id
        self.revision = 0
        self.rows: Rows = {kind: {} for kind in TABLES}
        self._batches: dict[str, tuple[Any, ...]] = {}
        # The revision of each object's last purge. A task's id may be used again after it.
        self._purged: dict[str, int] = {}
        self._last_number = 0
        self._last_place = 0

    async def catch_up(self, database: Database) -> int:
        """Apply the changes after the last applied one. Return their number."""
        found = await read_log(database, self.workspace_id, after=self.revision)
        self._purged |= {
            change["entity_id"]: change["revision"]
            for change in found
            if change["action"] == "purged" and change["kind"] in TEXT
        }
        for change in found:
            self.apply(change)
        return len(found)

    def apply(self, change: Data) -> None:
        """Apply one change, and check that it agrees with the current rows."""
        assert change["revision"] == self.revision + 1, "revisions have no gaps or duplicates"
        self.revision = change["revision"]
        batch = (change["at"], change["user_id"], change["credential_id"])
        assert self._batches.setdefault(change["batch_id"], batch) == batch, (
            "one user and time per batch"
        )
        _, number = change["fields"].get("number", (None, None))
        self._last_number = max(self._last_number, number or 0)
        if change["kind"] == "task":
            _, position = change["fields"].get("position", (None, None))
            self._last_place = max(self._last_place, find_order_number(position) if position else 0)
        if change["revision"] <= self._purged.get(change["entity_id"], 0):
            self._forget(change)
            return
        row = self._find_row(change)
        # A new name of a member is a change without fields, because names are not in the log.
        assert change["fields"] or change["kind"] == "member", f"a change without a field: {change}"
        for name, (old, new) in change["fields"].items():
            assert row.get(name) == old, f"the log's old {name} is not what was there: {change}"
            assert old != new, f"{name} did not change: {change}"
            row[name] = new
        if change["action"] != "purged":
            self._derive(change, row)

    def _forget(self, change: Data) -> None:
        """Drop an object that is purged now or later, because its text is deleted from the log."""
        kind = change["kind"]
        assert not change["fields"].keys() & TEXT[kind], change
        row = self.rows[kind].pop(change["entity_id"], None)
        if change["action"] == "purged":
            ((name, (old, new)),) = change["fields"].items()
            assert (name, new) == (TOMBSTONES.get(kind, "deleted_at"), None), change
            assert row is None or row[name] == old, change

    def _find_row(self, change: Data) -> Data:
        of_kind = self.rows[change["kind"]]
        if change["action"] == "created":
            assert change["entity_id"] not in of_kind, f"created twice: {change}"
            return of_kind.setdefault(change["entity_id"], {})
        row = of_kind[change["entity_id"]]
        if change["action"] == "purged":
            del of_kind[change["entity_id"]]
        elif change["action"] in ("trashed", "restored"):
            assert "deleted_at" in change["fields"], change
        return row

    def _derive(self, change: Data, row: Data) -> None:
        """Set the columns that follow from the change itself and from the logged columns."""
        kind, at = change["kind"], msgspec.to_builtins(change["at"])
        columns = TABLES[kind].c.keys()
        if change["action"] == "created":
            row.setdefault("created_at", at)
            for name in columns:
                row.setdefault(name, None)
        # A task may be imported with earlier times. Other objects get the time of their change.
        is_new = change["action"] == "created" and kind != "task"
        if "updated_at" not in change["fields"]:
            row["updated_at"] = row["created_at"] if is_new else at
        row["user_id" if kind == "member" else "id"] = change["entity_id"]
        if kind != "workspace":
            row["workspace_id"] = change["workspace_id"]
            row["revision"] = change["revision"]
        if "name_key" in columns:
            names = make_name_columns(row["name"])
            row |= {name: value for name, value in names.items() if name in columns}
        if kind == "filter":
            row["label_keys"] = make_label_keys(row["filter"])
        if kind == "task":
            due = parse_due_date(row["due_date"], row["due_time_zone"]) if row["due_date"] else None
            row["due_kind"] = due and due.kind
            row["due_at"] = due and msgspec.to_builtins(due.at)
            row["title_key"] = make_sort_key(row["title"])
            row["tag_ids"] = row.get("tag_ids") or []

    def get_tables(self) -> Rows:
        """Return the rows in the form of :func:`read_tables`."""
        workspace = self.rows["workspace"][self.workspace_id]
        workspace["revision"] = self.revision
        # A replica that starts at the first revision needs a complete log.
        workspace["oldest_revision"] = 0
        workspace["last_number"] = self._last_number
        workspace["last_place"] = self._last_place
        return self.rows


async def read_log(database: Database, workspace_id: str, *, after: int = 0) -> list[Data]:
    """Return the changes of a workspace after a revision, in order."""
    return await database.fetch_all(untyped(_READ_LOG), {"workspace": workspace_id, "after": after})


async def read_tables(database: Database, workspace_id: str) -> Rows:
    """Return all rows of a workspace with all columns. Tasks have ``tag_ids``, too."""
    found: Rows = {}
    for kind, statement in _READ.items():
        rows = await database.fetch_all(untyped(statement), {"workspace": workspace_id})
        key = "user_id" if kind == "member" else "id"
        found[kind] = {row[key]: msgspec.to_builtins(row) for row in rows}
    for row in found["task"].values():
        row["tag_ids"] = []
    for row in await database.fetch_all(untyped(_READ_TAG_IDS), {"workspace": workspace_id}):
        found["task"][row["task_id"]]["tag_ids"].append(row["tag_id"])
    return found


async def check_change_log(database: Database, replica: Replica) -> int:
    """Check that the log reproduces the tables. Return the number of new changes."""
    count = await replica.catch_up(database)
    expected, found = replica.get_tables(), await read_tables(database, replica.workspace_id)
    for kind in TABLES:
        assert found[kind] == expected[kind], f"the log and the table differ in {kind}"
    return count


# Columns that an undo changes itself, and columns that it never restores.
_OWN = {"revision", "updated_at", "last_number", "last_place"}


def strip_rows(rows: Rows) -> dict[tuple[str, str], Data]:
    """Return rows by kind and id, without the columns that an undo changes itself."""
    return {
        (kind, id_): {name: value for name, value in row.items() if name not in _OWN}
        for kind, of_kind in rows.items()
        for id_, row in of_kind.items()
    }


def check_undone(before: dict[tuple[str, str], Data], now: dict[tuple[str, str], Data]) -> None:
    """Check that all rows are as before, except for created objects, which are in the trash."""
    assert {key: now[key] for key in before} == before
    for key in now.keys() - before.keys():
        assert now[key]["deleted_at"] is not None, f"created, undone, and still there: {key}"
