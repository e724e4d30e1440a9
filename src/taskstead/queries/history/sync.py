"""Incremental sync: reads a workspace page by page for a client that stores a copy of it.

The initial sync reads the tables page by page. The pages are not a snapshot, so the sync stores the
revision at which it began. The following pages have the changes after that revision, from the
change log. They make the copy of the client consistent.

The initial sync reads the open tasks before the others, so that a client can show them early. A
task that is opened or closed during the walk may be on two pages or on none. The change log has
that change, so a following page has the task.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypedDict

from sqlalchemy import BigInteger, ColumnElement, Select, Table, bindparam, func, not_, select

from taskstead.db.database import LongReader, Reader
from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.query import Query, R
from taskstead.entities.entity import Entity
from taskstead.entities.registry import ENTITIES
from taskstead.entities.tasks import TASK
from taskstead.errors import NotFoundError, ResyncNeededError
from taskstead.ids import BEFORE_ALL_IDS
from taskstead.queries.entities import select_entity
from taskstead.queries.tasks.tasks import IS_OPEN
from taskstead.queries.visibility import list_privacy_conditions
from taskstead.tables.changes import EventRow, changes
from taskstead.tables.tasks import TaggedTaskRow, TaskCountsRow, tasks
from taskstead.tables.users import users
from taskstead.tables.workspaces import NamedMemberRow, WorkspaceRow, members, workspaces

# A read of more rows counts as a long read. On SQLite it runs in a thread, not in the event loop.
_MAX_SHORT_READ_ROWS = 50
# Number of characters at the end of a batch's id, which are random. They are enough to identify the
# batch.
_MARK_LENGTH = 12
# During the initial sync, the kind in the position stands for the open tasks, and this for others.
CLOSED_TASKS = "closed_task"


@dataclass(frozen=True, slots=True)
class SyncPosition:
    """The state of a client's copy of a workspace. It is the content of a sync token.

    Attributes:
        revision: the client has all changes up to it. During the initial sync, it is the revision
            at which the sync began.
        mark: the last characters of the id of the batch that has this revision; empty if not known.
            After the restore of a backup, another batch may get the revision. The mark then
            differs.
        kind: during the initial sync, the kind of entity to read next, or ``CLOSED_TASKS``; empty
            after it.
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
        counts: the numbers of tasks, on the first page.
        members: current rows of members, each once.
        entities: current rows of logged entities by kind, each once; see :meth:`get_rows`.
        purged: kind and id of the purged entities, and of those that the user no longer sees.
        unmatched: the ids of changed tasks that do not match the filter of the sync.
        has_more: whether there is a next page now.
    """

    position: SyncPosition
    workspace: WorkspaceRow | None = None
    counts: TaskCountsRow | None = None
    members: list[NamedMemberRow] = field(default_factory=list)
    entities: dict[str, list[Any]] = field(default_factory=dict)
    purged: list[tuple[str, str]] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    has_more: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether the page has no changes and is the last one."""
        rows = self.members or any(self.entities.values())
        removed = self.purged or self.unmatched
        return not (self.has_more or self.workspace or removed or rows)

    def get_rows(self, entity: Entity[R]) -> list[R]:
        """Return the rows of an entity."""
        return self.entities.get(entity.kind, [])


class RevisionsRow(TypedDict):
    """The current revision of a workspace, and the last one that log compaction has deleted."""

    revision: int
    oldest_revision: int


class LogEntryRow(TypedDict):
    """The revision, entity and batch of a change, and who sees it."""

    revision: int
    kind: str
    entity_id: str
    batch_id: str
    visible_to: str | None


class WorkspaceRevisionRow(TypedDict):
    """The current revision of a workspace."""

    id: str
    revision: int


_LIMIT = bindparam("limit", type_=BigInteger)


class _Copy(NamedTuple):
    """The copy that a client keeps: its workspace and its user."""

    workspace_id: str
    user_id: str


class _Source(NamedTuple, Generic[R]):
    """The queries for the rows of one kind.

    Attributes:
        key: the column to which ``entity_id`` of the change log refers.
        list_after: the rows with larger ids, ordered by id.
        list_by_ids: the rows with the given ids, ordered by revision.
        is_private: whether the queries have the parameter ``viewer_id``.
    """

    key: str
    list_after: Query[R]
    list_by_ids: Query[R]
    is_private: bool

    async def read_after(
        self, reader: LongReader, copy: _Copy, *, after_id: str, limit: int
    ) -> list[R]:
        """Return the rows with larger ids than ``after_id``."""
        parameters = {**self._list_parameters(copy), "after_id": after_id, "limit": limit}
        is_long = limit > _MAX_SHORT_READ_ROWS
        return await reader.fetch_all(self.list_after, parameters, is_long=is_long)

    async def read_by_ids(self, reader: LongReader, copy: _Copy, ids: Sequence[str]) -> list[R]:
        """Return the existing rows with these ids."""
        parameters = {**self._list_parameters(copy), "ids": ids}
        is_long = len(ids) > _MAX_SHORT_READ_ROWS
        return await reader.fetch_all(self.list_by_ids, parameters, is_long=is_long)

    def _list_parameters(self, copy: _Copy) -> dict[str, Any]:
        viewer = {"viewer_id": copy.user_id} if self.is_private else {}
        return {"workspace_id": copy.workspace_id, **viewer}


def _build_source(
    row_type: type[R],
    table: Table,
    statement: Select[Any],
    *,
    key: str = "id",
    is_private: bool = False,
) -> _Source[R]:
    """Build the queries for the rows of a statement that selects from a workspace's table."""
    after = statement.where(table.c[key] > bindparam("after_id"))
    by_ids = statement.where(is_any_of(table.c[key], "ids"))
    return _Source(
        key,
        Query(row_type, after.order_by(table.c[key]).limit(_LIMIT)),
        # Without "+ 0", SQLite would scan the whole workspace by the revision index just to avoid
        # a sort.
        Query(row_type, by_ids.order_by(table.c.revision + 0)),
        is_private,
    )


_MEMBERS = _build_source(
    NamedMemberRow,
    members,
    select(members, users.c.email, users.c.name)
    .join(users, users.c.id == members.c.user_id)
    .where(members.c.workspace_id == bindparam("workspace_id")),
    key="user_id",
)


@lru_cache
def _get_source(entity: Entity[Any]) -> _Source[Any]:
    conditions = list_privacy_conditions(entity)
    return _build_source(
        entity.row_type,
        entity.table,
        select_entity(entity).where(*conditions),
        is_private=bool(conditions),
    )


def _build_list_of_tasks(condition: ColumnElement[bool]) -> Query[TaggedTaskRow]:
    statement = select_entity(TASK).where(condition)
    return _build_source(TASK.row_type, tasks, statement).list_after


def _list_sources(entities: Sequence[Entity[Any]]) -> dict[str, _Source[Any]]:
    """Return the sources by kind, in the order of the initial sync."""
    sources: dict[str, _Source[Any]] = {"member": _MEMBERS}
    for entity in entities:
        sources[entity.kind] = _OPEN_TASKS if entity is TASK else _get_source(entity)
        if entity is TASK:
            sources[CLOSED_TASKS] = _CLOSED_TASKS
    return sources


_ALL_TASKS = _get_source(TASK)
_OPEN_TASKS = _ALL_TASKS._replace(list_after=_build_list_of_tasks(IS_OPEN))
_CLOSED_TASKS = _ALL_TASKS._replace(list_after=_build_list_of_tasks(not_(IS_OPEN)))

Sources = Mapping[str, _Source[Any]]
SYNCED_KINDS = tuple(_list_sources(ENTITIES))

_GET_WORKSPACE = Query(
    WorkspaceRow, select(workspaces).where(workspaces.c.id == bindparam("workspace_id"))
)
# An index contains all columns of this query.
_COUNT_TASKS = Query(
    TaskCountsRow,
    select(func.count().label("total"), func.count().filter(IS_OPEN).label("open")).where(
        tasks.c.workspace_id == bindparam("workspace_id")
    ),
)
_GET_REVISIONS = Query(
    RevisionsRow,
    select(workspaces.c.revision, workspaces.c.oldest_revision).where(
        workspaces.c.id == bindparam("workspace_id")
    ),
)
_LIST_LOG = Query(
    LogEntryRow,
    select(
        changes.c.revision,
        changes.c.kind,
        changes.c.entity_id,
        changes.c.batch_id,
        changes.c.visible_to,
    )
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
        changes.c.visible_to,
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
    user_id: str,
    revision: int,
    limit: int,
    entities: Sequence[Entity[Any]] = ENTITIES,
) -> SyncPage:
    """Return the page after a position. A page needs at most ten SQL statements.

    If ``has_more`` is false, the client's copy is equal to the workspace at the revision
    ``position.revision`` of the page.

    Args:
        reader: the database connection to read from.
        workspace_id: the workspace's id.
        position: the position after the previous page; None to begin an initial sync.
        user_id: the user of the client. Rows and changes that this user does not see are omitted.
        revision: the workspace's revision, read before this call.
        limit: maximum number of rows (initial sync) or changes.
        entities: the kinds of entities to sync, besides the workspace and its members.

    Raises:
        ResyncNeededError: the position is not in the change log, or its changes were deleted.
        NotFoundError: there is no such workspace.
    """
    sources, copy = _list_sources(entities), _Copy(workspace_id, user_id)
    if position is None:
        page = await _read_first_page(reader, sources, copy, revision, limit)
    elif position.kind:
        page = await _read_tables(reader, sources, copy, position, limit)
    else:
        page = await _read_log(reader, sources, copy, position, limit)
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
    reader: LongReader, sources: Sources, copy: _Copy, revision: int, limit: int
) -> SyncPage:
    log = await _list_log(reader, copy.workspace_id, revision=revision, limit=1)
    position = SyncPosition(revision, _make_mark(log, revision), next(iter(sources)))
    workspace = await _get_workspace_row(reader, _GET_WORKSPACE, copy.workspace_id)
    page = await _read_tables(reader, sources, copy, position, limit)
    page.workspace = workspace
    values = {"workspace_id": copy.workspace_id}
    (page.counts,) = await reader.fetch_all(_COUNT_TASKS, values, is_long=True)
    return page


async def _read_tables(
    reader: LongReader, sources: Sources, copy: _Copy, position: SyncPosition, limit: int
) -> SyncPage:
    page = SyncPage(position)
    kinds = list(sources)
    for kind in kinds[kinds.index(position.kind) :]:
        source = sources[kind]
        after_id = position.after_id if kind == position.kind else BEFORE_ALL_IDS
        rows = await source.read_after(reader, copy, after_id=after_id, limit=limit)
        _set_rows(page, kind, rows)
        limit -= len(rows)
        if not limit:
            page.position = replace(position, kind=kind, after_id=rows[-1][source.key])
            return page
    page.position = SyncPosition(position.revision, position.mark)
    return page


async def _read_log(
    reader: LongReader, sources: Sources, copy: _Copy, position: SyncPosition, limit: int
) -> SyncPage:
    log = await _list_log(reader, copy.workspace_id, revision=position.revision, limit=limit + 1)
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
        # A row whose visible change is not on this page is returned when that change is.
        if change["visible_to"] in (None, copy.user_id):
            changed.setdefault(change["kind"], {})[change["entity_id"]] = None
    if changed.pop("workspace", None):
        page.workspace = await _get_workspace_row(reader, _GET_WORKSPACE, copy.workspace_id)
    for kind, ids in changed.items():
        source = sources[kind]
        rows = await source.read_by_ids(reader, copy, list(ids))
        _set_rows(page, kind, rows)
        existing_ids = {row[source.key] for row in rows}
        page.purged += [(kind, id_) for id_ in ids if id_ not in existing_ids]
    return page


def _set_rows(page: SyncPage, kind: str, rows: list[Any]) -> None:
    if kind == "member":
        page.members = rows
    elif kind == CLOSED_TASKS:
        # A task may have been closed since this page read the open ones.
        read = {row["id"]: row for row in (*page.get_rows(TASK), *rows)}
        page.entities[TASK.kind] = list(read.values())
    else:
        page.entities[kind] = rows


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
