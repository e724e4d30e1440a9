"""Incremental sync: reads a workspace page by page for a client that stores a copy of it.

The initial sync reads the tables page by page. It stores the revision at which it began, because it
is not a snapshot. The following pages have the changes after that revision, from the change log.
They make the copy of the client consistent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import BigInteger, Table, bindparam, select

from taskstead.db.database import LongReader, Reader
from taskstead.db.expressions import is_any_of
from taskstead.db.query import untyped
from taskstead.db.statements import Row
from taskstead.errors import NotFoundError, ResyncNeededError
from taskstead.queries.tasks import TAG_IDS
from taskstead.queries.workspaces import BEFORE_ALL_IDS
from taskstead.tables.categories import categories
from taskstead.tables.changes import changes
from taskstead.tables.tags import tags
from taskstead.tables.tasks import tasks
from taskstead.tables.workspaces import members, workspaces

# Order of the initial sync. Entities come before the tasks that refer to them.
SYNCED_KINDS = ("member", "category", "tag", "task")
# A read of more rows counts as a long read. On SQLite it runs in a thread, not in the event loop.
_MAX_SHORT_READ_ROWS = 50
# Number of characters at the end of a batch's id, which are random. They are enough to identify the
# batch.
_MARK_LENGTH = 12

_LIMIT = bindparam("limit", type_=BigInteger)

_TABLES: dict[str, Table] = {"member": members, "category": categories, "tag": tags, "task": tasks}
_KEY_COLUMNS = {
    kind: table.c["user_id" if kind == "member" else "id"] for kind, table in _TABLES.items()
}
_COLUMNS: dict[str, list[Any]] = {
    **{kind: list(table.c) for kind, table in _TABLES.items()},
    "task": [*tasks.c, TAG_IDS],
}
_SELECT_KIND = {
    kind: select(*_COLUMNS[kind]).where(table.c.workspace_id == bindparam("workspace_id"))
    for kind, table in _TABLES.items()
}
# Without "+ 0", SQLite would scan the whole workspace by the revision index just to avoid a sort.
_LIST_BY_IDS = {
    kind: statement.where(is_any_of(_KEY_COLUMNS[kind], "ids")).order_by(
        _TABLES[kind].c.revision + 0
    )
    for kind, statement in _SELECT_KIND.items()
}
_LIST_AFTER = {
    kind: statement.where(_KEY_COLUMNS[kind] > bindparam("after_id"))
    .order_by(_KEY_COLUMNS[kind])
    .limit(_LIMIT)
    for kind, statement in _SELECT_KIND.items()
}
_GET_WORKSPACE = select(workspaces).where(workspaces.c.id == bindparam("workspace_id"))
_GET_REVISIONS = select(workspaces.c.revision, workspaces.c.oldest_revision).where(
    workspaces.c.id == bindparam("workspace_id")
)
_LIST_LOG = (
    select(changes.c.revision, changes.c.kind, changes.c.entity_id, changes.c.batch_id)
    .where(
        changes.c.workspace_id == bindparam("workspace_id"),
        changes.c.revision >= bindparam("revision"),
    )
    .order_by(changes.c.revision)
    .limit(_LIMIT)
)

_LIST_EVENTS = (
    select(
        changes.c.revision,
        changes.c.kind,
        changes.c.entity_id.label("id"),
        changes.c.action,
        changes.c.batch_id,
        changes.c.user_id,
        changes.c.at,
    )
    .where(
        changes.c.workspace_id == bindparam("workspace_id"),
        changes.c.revision > bindparam("after"),
    )
    .order_by(changes.c.revision)
    .limit(_LIMIT)
)
_LIST_REVISIONS = select(workspaces.c.id, workspaces.c.revision).where(
    is_any_of(workspaces.c.id, "ids")
)


@dataclass(frozen=True, slots=True)
class SyncPosition:
    """The state of a client's copy of a workspace. It is the content of a sync token.

    Attributes:
        revision: the revision up to which the client has all changes, after the initial sync.
        mark: the last characters of the id of the batch that has this revision. They differ if a
            backup was restored and another batch got the revision. Empty if not known.
        kind: during the initial sync, the kind of entity to read next; empty after it.
        after_id: during the initial sync, the id of the last sent entity of this kind.
    """

    revision: int
    mark: str = ""
    kind: str = ""
    after_id: str = BEFORE_ALL_IDS


@dataclass(slots=True)
class SyncPage:
    """One page of a sync.

    Attributes:
        position: the position after this page.
        workspace: the workspace's row, on the first page and if it changed.
        rows: current rows of the entities by kind. Each entity occurs once.
        purged: kind and id of the purged entities.
        has_more: whether there is a next page now.
    """

    position: SyncPosition
    workspace: Row | None = None
    rows: dict[str, list[Row]] = field(default_factory=dict)
    purged: list[tuple[str, str]] = field(default_factory=list)
    has_more: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether the page has no changes and is the last one."""
        return not (self.has_more or self.workspace or self.purged or any(self.rows.values()))


async def read_sync_page(
    reader: LongReader,
    workspace_id: str,
    position: SyncPosition | None,
    *,
    revision: int,
    limit: int,
) -> SyncPage:
    """Return the page after a position. A page needs at most eight SQL statements.

    If ``has_more`` is false, the client's copy is equal to the workspace at the revision
    ``position.revision`` of the page.

    Args:
        reader: the database connection to read from.
        workspace_id: the workspace's id.
        position: the position after the previous page; None to begin an initial sync.
        revision: the workspace's revision, read before this call.
        limit: maximum number of rows (initial sync) or changes.

    Raises:
        ResyncNeededError: the position is not in the change log, or its changes were deleted.
        NotFoundError: there is no such workspace.
    """
    if position is None:
        page = await _read_first_page(reader, workspace_id, revision, limit)
    elif position.kind:
        page = await _read_tables(reader, workspace_id, position, limit)
    else:
        page = await _read_log(reader, workspace_id, position, limit)
    # Read last, so that a concurrent change sets `has_more`.
    latest = await _get_workspace_row(reader, _GET_REVISIONS, workspace_id)
    since = page.position.revision if position is None else position.revision
    if since < latest["oldest_revision"]:
        raise ResyncNeededError(
            "This sync token is too old: its changes have been deleted from the log. Sync again "
            "from the beginning."
        )
    if since > latest["revision"]:
        raise ResyncNeededError(
            "This sync token is newer than the server's data: a backup was restored. Sync again "
            "from the beginning."
        )
    page.has_more = bool(page.position.kind) or latest["revision"] > page.position.revision
    return page


async def _get_workspace_row(reader: Reader, statement: Any, workspace_id: str) -> Row:
    """Return the row of a statement that reads one workspace."""
    row = await reader.fetch_one(untyped(statement), {"workspace_id": workspace_id})
    if row is None:
        raise NotFoundError("There is no such workspace.")
    return row


async def _read_first_page(
    reader: LongReader, workspace_id: str, revision: int, limit: int
) -> SyncPage:
    log = await _list_log(reader, workspace_id, revision=revision, limit=1)
    position = SyncPosition(revision, _make_mark(log, revision), SYNCED_KINDS[0])
    workspace = await _get_workspace_row(reader, _GET_WORKSPACE, workspace_id)
    page = await _read_tables(reader, workspace_id, position, limit)
    page.workspace = workspace
    return page


async def _read_tables(
    reader: LongReader, workspace_id: str, position: SyncPosition, limit: int
) -> SyncPage:
    page = SyncPage(position)
    for kind in SYNCED_KINDS[SYNCED_KINDS.index(position.kind) :]:
        after_id = position.after_id if kind == position.kind else BEFORE_ALL_IDS
        parameters = {"workspace_id": workspace_id, "after_id": after_id, "limit": limit}
        rows = await reader.fetch_all(
            untyped(_LIST_AFTER[kind]), parameters, is_long=limit > _MAX_SHORT_READ_ROWS
        )
        page.rows[kind] = rows
        limit -= len(rows)
        if not limit:
            page.position = replace(position, kind=kind, after_id=_get_id(kind, rows[-1]))
            return page
    page.position = SyncPosition(position.revision, position.mark)
    return page


async def _read_log(
    reader: LongReader, workspace_id: str, position: SyncPosition, limit: int
) -> SyncPage:
    log = await _list_log(reader, workspace_id, revision=position.revision, limit=limit + 1)
    mark = _make_mark(log, position.revision)
    if mark and position.mark and mark != position.mark:
        raise ResyncNeededError(
            "This sync token does not match the server's log: a backup was restored. Sync again "
            "from the beginning."
        )
    new_changes = [change for change in log if change["revision"] > position.revision][:limit]
    page = SyncPage(position)
    if new_changes:
        last = new_changes[-1]["revision"]
        page.position = SyncPosition(last, _make_mark(new_changes, last))
    changed: dict[str, dict[str, None]] = {}
    for change in new_changes:
        changed.setdefault(change["kind"], {})[change["entity_id"]] = None
    if changed.pop("workspace", None):
        page.workspace = await _get_workspace_row(reader, _GET_WORKSPACE, workspace_id)
    for kind, ids in changed.items():
        parameters = {"workspace_id": workspace_id, "ids": list(ids)}
        rows = await reader.fetch_all(
            untyped(_LIST_BY_IDS[kind]), parameters, is_long=len(ids) > _MAX_SHORT_READ_ROWS
        )
        page.rows[kind] = rows
        existing_ids = {_get_id(kind, row) for row in rows}
        page.purged += [(kind, id_) for id_ in ids if id_ not in existing_ids]
    return page


async def _list_log(reader: Reader, workspace_id: str, *, revision: int, limit: int) -> list[Row]:
    """Return the changes with this revision or a higher one, in order."""
    return await reader.fetch_all(
        untyped(_LIST_LOG), {"workspace_id": workspace_id, "revision": revision, "limit": limit}
    )


def _make_mark(log: Iterable[Row], revision: int) -> str:
    """Return the mark of the change with this revision; empty if the log does not have it."""
    return next((row["batch_id"][-_MARK_LENGTH:] for row in log if row["revision"] == revision), "")


def _get_id(kind: str, row: Row) -> str:
    """Return the entity id that the change log uses for a row."""
    return str(row["user_id" if kind == "member" else "id"])


async def list_events(reader: Reader, workspace_id: str, *, after: int, limit: int) -> list[Row]:
    """Return the changes after a revision, in order, without the changed fields."""
    return await reader.fetch_all(
        untyped(_LIST_EVENTS), {"workspace_id": workspace_id, "after": after, "limit": limit}
    )


async def list_revisions(reader: Reader, workspace_ids: Sequence[str]) -> dict[str, int]:
    """Return the current revisions of workspaces, by id."""
    rows = await reader.fetch_all(untyped(_LIST_REVISIONS), {"ids": list(workspace_ids)})
    return {row["id"]: row["revision"] for row in rows}
