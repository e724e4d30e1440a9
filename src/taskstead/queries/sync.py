"""Incremental sync: reads a workspace page by page for a client that stores a copy of it.

The initial sync reads the tables page by page. It stores the revision at which it began, because it
is not a snapshot. The following pages have the changes after that revision, from the change log.
They make the copy of the client consistent.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, NamedTuple, TypedDict

from sqlalchemy import BigInteger, ColumnElement, Table, bindparam, select

from taskstead.db.database import LongReader, Reader
from taskstead.db.expressions import is_any_of
from taskstead.db.query import Query, R
from taskstead.errors import NotFoundError, ResyncNeededError
from taskstead.queries.tasks import TAG_IDS
from taskstead.queries.workspaces import BEFORE_ALL_IDS
from taskstead.tables.categories import CategoryRow, categories
from taskstead.tables.changes import EventRow, changes
from taskstead.tables.tags import TagRow, tags
from taskstead.tables.tasks import TaggedTaskRow, tasks
from taskstead.tables.workspaces import MemberRow, WorkspaceRow, members, workspaces

# A read of more rows counts as a long read. On SQLite it runs in a thread, not in the event loop.
_MAX_SHORT_READ_ROWS = 50
# Number of characters at the end of a batch's id, which are random. They are enough to identify the
# batch.
_MARK_LENGTH = 12


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
        members: current rows of members, each once. The same applies to the following lists.
        categories: current rows of categories.
        tags: current rows of tags.
        tasks: current rows of tasks.
        purged: kind and id of the purged entities.
        has_more: whether there is a next page now.
    """

    position: SyncPosition
    workspace: WorkspaceRow | None = None
    members: list[MemberRow] = field(default_factory=list)
    categories: list[CategoryRow] = field(default_factory=list)
    tags: list[TagRow] = field(default_factory=list)
    tasks: list[TaggedTaskRow] = field(default_factory=list)
    purged: list[tuple[str, str]] = field(default_factory=list)
    has_more: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether the page has no changes and is the last one."""
        rows = self.members or self.categories or self.tags or self.tasks
        return not (self.has_more or self.workspace or self.purged or rows)


class RevisionsRow(TypedDict):
    """The current revision of a workspace, and the last one that log compaction has deleted."""

    revision: int
    oldest_revision: int


class LogEntryRow(TypedDict):
    """The revision, entity and batch of a change."""

    revision: int
    kind: str
    entity_id: str
    batch_id: str


class WorkspaceRevisionRow(TypedDict):
    """The current revision of a workspace."""

    id: str
    revision: int


_LIMIT = bindparam("limit", type_=BigInteger)


class _KindQueries(NamedTuple, Generic[R]):
    """The queries for the rows of one kind of entity.

    Attributes:
        key: the column that contains the entity id of the change log.
        list_after: the rows with larger ids, ordered by id.
        list_by_ids: the rows with the given ids, ordered by revision.
        get_rows: returns the list of a page that receives the rows.
    """

    key: str
    list_after: Query[R]
    list_by_ids: Query[R]
    get_rows: Callable[[SyncPage], list[R]]

    async def read_after(
        self, reader: LongReader, page: SyncPage, workspace_id: str, *, after_id: str, limit: int
    ) -> list[str]:
        """Add the rows with larger ids than ``after_id`` to the page; return their ids."""
        parameters = {"workspace_id": workspace_id, "after_id": after_id, "limit": limit}
        is_long = limit > _MAX_SHORT_READ_ROWS
        return self._add(page, await reader.fetch_all(self.list_after, parameters, is_long=is_long))

    async def read_by_ids(
        self, reader: LongReader, page: SyncPage, workspace_id: str, ids: Sequence[str]
    ) -> list[str]:
        """Add the rows with the given ids to the page; return the ids of existing rows."""
        parameters = {"workspace_id": workspace_id, "ids": ids}
        is_long = len(ids) > _MAX_SHORT_READ_ROWS
        rows = await reader.fetch_all(self.list_by_ids, parameters, is_long=is_long)
        return self._add(page, rows)

    def _add(self, page: SyncPage, rows: list[R]) -> list[str]:
        self.get_rows(page).extend(rows)
        return [row[self.key] for row in rows]


def _build_queries(
    row_type: type[R],
    table: Table,
    get_rows: Callable[[SyncPage], list[R]],
    *columns: ColumnElement[Any],
    key: str = "id",
) -> _KindQueries[R]:
    """Build the queries for the rows of a table, with additional columns."""
    statement = select(*table.c, *columns).where(table.c.workspace_id == bindparam("workspace_id"))
    after = statement.where(table.c[key] > bindparam("after_id"))
    by_ids = statement.where(is_any_of(table.c[key], "ids"))
    return _KindQueries(
        key,
        Query(row_type, after.order_by(table.c[key]).limit(_LIMIT)),
        # Without "+ 0", SQLite would scan the whole workspace by the revision index just to avoid
        # a sort.
        Query(row_type, by_ids.order_by(table.c.revision + 0)),
        get_rows,
    )


# In the order of the initial sync. Entities come before the tasks that refer to them.
_KINDS: dict[
    str,
    _KindQueries[MemberRow]
    | _KindQueries[CategoryRow]
    | _KindQueries[TagRow]
    | _KindQueries[TaggedTaskRow],
] = {
    "member": _build_queries(MemberRow, members, lambda page: page.members, key="user_id"),
    "category": _build_queries(CategoryRow, categories, lambda page: page.categories),
    "tag": _build_queries(TagRow, tags, lambda page: page.tags),
    "task": _build_queries(TaggedTaskRow, tasks, lambda page: page.tasks, TAG_IDS),
}
SYNCED_KINDS = tuple(_KINDS)

_GET_WORKSPACE = Query(
    WorkspaceRow, select(workspaces).where(workspaces.c.id == bindparam("workspace_id"))
)
_GET_REVISIONS = Query(
    RevisionsRow,
    select(workspaces.c.revision, workspaces.c.oldest_revision).where(
        workspaces.c.id == bindparam("workspace_id")
    ),
)
_LIST_LOG = Query(
    LogEntryRow,
    select(changes.c.revision, changes.c.kind, changes.c.entity_id, changes.c.batch_id)
    .where(
        changes.c.workspace_id == bindparam("workspace_id"),
        changes.c.revision >= bindparam("revision"),
    )
    .order_by(changes.c.revision)
    .limit(_LIMIT),
)
_LIST_EVENTS = Query(
    EventRow,
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
    .limit(_LIMIT),
)
_LIST_REVISIONS = Query(
    WorkspaceRevisionRow,
    select(workspaces.c.id, workspaces.c.revision).where(is_any_of(workspaces.c.id, "ids")),
)


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


async def _get_workspace_row(reader: Reader, query: Query[R], workspace_id: str) -> R:
    """Return the row of a query that reads one workspace."""
    row = await reader.fetch_one(query, {"workspace_id": workspace_id})
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
        ids = await _KINDS[kind].read_after(
            reader, page, workspace_id, after_id=after_id, limit=limit
        )
        limit -= len(ids)
        if not limit:
            page.position = replace(position, kind=kind, after_id=ids[-1])
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
        existing_ids = set(await _KINDS[kind].read_by_ids(reader, page, workspace_id, list(ids)))
        page.purged += [(kind, id_) for id_ in ids if id_ not in existing_ids]
    return page


async def _list_log(
    reader: Reader, workspace_id: str, *, revision: int, limit: int
) -> list[LogEntryRow]:
    """Return the changes with this revision or a higher one, in order."""
    return await reader.fetch_all(
        _LIST_LOG, {"workspace_id": workspace_id, "revision": revision, "limit": limit}
    )


def _make_mark(log: Iterable[LogEntryRow], revision: int) -> str:
    """Return the mark of the change with this revision; empty if the log does not have it."""
    return next((row["batch_id"][-_MARK_LENGTH:] for row in log if row["revision"] == revision), "")


async def list_events(
    reader: Reader, workspace_id: str, *, after: int, limit: int
) -> list[EventRow]:
    """Return the changes after a revision, in order, without the changed fields."""
    return await reader.fetch_all(
        _LIST_EVENTS, {"workspace_id": workspace_id, "after": after, "limit": limit}
    )


async def list_revisions(reader: Reader, workspace_ids: Sequence[str]) -> dict[str, int]:
    """Return the current revisions of workspaces, by id."""
    rows = await reader.fetch_all(_LIST_REVISIONS, {"ids": list(workspace_ids)})
    return {row["id"]: row["revision"] for row in rows}
