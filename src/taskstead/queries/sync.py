"""Incremental sync: reads a workspace page by page for a client that keeps a replica of it.

The first pages walk through the tables; later pages have the changes since then. The walk is not a
snapshot: it stores the revision at which it began. When it ends, the changes since that revision
are read from the change log, so the replica becomes consistent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import BigInteger, Table, bindparam, select

from taskstead.db.database import LongReader, Reader
from taskstead.db.expressions import is_any_of
from taskstead.db.statements import Row
from taskstead.errors import NotFoundError, ResyncNeededError
from taskstead.queries.tasks import TAG_IDS
from taskstead.queries.workspaces import BEFORE_ALL_IDS
from taskstead.tables.categories import categories
from taskstead.tables.changes import changes
from taskstead.tables.tags import tags
from taskstead.tables.tasks import tasks
from taskstead.tables.workspaces import members, workspaces

# Order of the walk: referenced entities come before those that refer to them.
WALKED_KINDS = ("member", "category", "tag", "task")
# On SQLite, longer reads run in a thread instead of the event loop.
_FEW = 50
# The end of a batch's id is random, and long enough to identify the batch.
_MARK_LENGTH = 12

_LIMIT = bindparam("limit", type_=BigInteger)

_TABLES: dict[str, Table] = {"member": members, "category": categories, "tag": tags, "task": tasks}
_KEYS = {kind: table.c["user_id" if kind == "member" else "id"] for kind, table in _TABLES.items()}
_COLUMNS: dict[str, list[Any]] = {
    **{kind: list(table.c) for kind, table in _TABLES.items()},
    "task": [*tasks.c, TAG_IDS],
}
_OF_WORKSPACE = {
    kind: select(*_COLUMNS[kind]).where(table.c.workspace_id == bindparam("workspace_id"))
    for kind, table in _TABLES.items()
}
# "+ 0" prevents SQLite's planner from reading the whole workspace in the order of the revision
# index, to avoid a sort.
_LIST_BY_IDS = {
    kind: statement.where(is_any_of(_KEYS[kind], "ids")).order_by(_TABLES[kind].c.revision + 0)
    for kind, statement in _OF_WORKSPACE.items()
}
_LIST_AFTER = {
    kind: statement.where(_KEYS[kind] > bindparam("after_id")).order_by(_KEYS[kind]).limit(_LIMIT)
    for kind, statement in _OF_WORKSPACE.items()
}
_GET_WORKSPACE = select(workspaces).where(workspaces.c.id == bindparam("workspace_id"))
_GET_HEAD = select(workspaces.c.revision, workspaces.c.oldest_revision).where(
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
    """The position of a replica; the content of a sync token.

    Attributes:
        revision: the replica has all changes up to this revision, once the walk is finished.
        mark: end of the id of the batch with that revision. It differs if a restored backup has
            another change with the same revision. Empty if it is not known.
        kind: the kind of entity that the walk is at; empty if it is finished.
        after_id: id of the last row sent of that kind.
    """

    revision: int
    mark: str = ""
    kind: str = ""
    after_id: str = BEFORE_ALL_IDS


@dataclass(slots=True)
class SyncPage:
    """One page of a sync.

    Attributes:
        place: the position after this page.
        workspace: the workspace's row, if it is new or has changed.
        rows: current rows by kind; each row once.
        removed: kind and id of the purged entities.
        has_more: whether there are further pages now.
    """

    place: SyncPosition
    workspace: Row | None = None
    rows: dict[str, list[Row]] = field(default_factory=dict)
    removed: list[tuple[str, str]] = field(default_factory=list)
    has_more: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether the page has no changes and is the last one."""
        return not (self.has_more or self.workspace or self.removed or any(self.rows.values()))


async def read_sync_page(
    reader: LongReader, workspace_id: str, place: SyncPosition | None, *, revision: int, limit: int
) -> SyncPage:
    """Return the page after a position, with at most eight statements.

    If the page is the last one (``has_more`` is false), the replica is equal to the workspace at
    ``place.revision``.

    Args:
        reader: the database connection to read from.
        workspace_id: the workspace's id.
        place: the position after the previous page; None to begin.
        revision: the workspace's revision, read before this call.
        limit: maximum number of rows or changes.

    Raises:
        ResyncNeededError: the position is not in the change log, or its changes were deleted.
        NotFoundError: there is no such workspace.
    """
    if place is None:
        page = await _begin_walk(reader, workspace_id, revision, limit)
    elif place.kind:
        page = await _read_tables(reader, workspace_id, place, limit)
    else:
        page = await _read_log(reader, workspace_id, place, limit)
    # Read last: if the revision has not changed until now, the reads above are consistent.
    head = await _get(reader, _GET_HEAD, workspace_id)
    since = page.place.revision if place is None else place.revision
    if since < head["oldest_revision"]:
        raise ResyncNeededError(
            "This sync token is too old: its changes have been deleted from the log. Sync again "
            "from the beginning."
        )
    if since > head["revision"]:
        raise ResyncNeededError(
            "This sync token is newer than the server's data: a backup was restored. Sync again "
            "from the beginning."
        )
    page.has_more = bool(page.place.kind) or head["revision"] > page.place.revision
    return page


async def _get(reader: Reader, statement: Any, workspace_id: str) -> Row:
    row = await reader.fetch_one(statement, {"workspace_id": workspace_id})
    if row is None:
        raise NotFoundError("There is no such workspace.")
    return row


async def _begin_walk(reader: LongReader, workspace_id: str, revision: int, limit: int) -> SyncPage:
    log = await _list_log(reader, workspace_id, revision=revision, limit=1)
    place = SyncPosition(revision, _make_mark(log, revision), WALKED_KINDS[0])
    workspace = await _get(reader, _GET_WORKSPACE, workspace_id)
    page = await _read_tables(reader, workspace_id, place, limit)
    page.workspace = workspace
    return page


async def _read_tables(
    reader: LongReader, workspace_id: str, place: SyncPosition, limit: int
) -> SyncPage:
    page = SyncPage(place)
    for kind in WALKED_KINDS[WALKED_KINDS.index(place.kind) :]:
        after_id = place.after_id if kind == place.kind else BEFORE_ALL_IDS
        parameters = {"workspace_id": workspace_id, "after_id": after_id, "limit": limit}
        rows = await reader.fetch_all(_LIST_AFTER[kind], parameters, is_long=limit > _FEW)
        page.rows[kind] = rows
        limit -= len(rows)
        if not limit:
            page.place = replace(place, kind=kind, after_id=_get_id(kind, rows[-1]))
            return page
    page.place = SyncPosition(place.revision, place.mark)
    return page


async def _read_log(
    reader: LongReader, workspace_id: str, place: SyncPosition, limit: int
) -> SyncPage:
    log = await _list_log(reader, workspace_id, revision=place.revision, limit=limit + 1)
    mark = _make_mark(log, place.revision)
    if mark and place.mark and mark != place.mark:
        raise ResyncNeededError(
            "This sync token does not match the server's log: a backup was restored. Sync again "
            "from the beginning."
        )
    new = [change for change in log if change["revision"] > place.revision][:limit]
    page = SyncPage(place)
    if new:
        last = new[-1]["revision"]
        page.place = SyncPosition(last, _make_mark(new, last))
    changed: dict[str, dict[str, None]] = {}
    for change in new:
        changed.setdefault(change["kind"], {})[change["entity_id"]] = None
    if changed.pop("workspace", None):
        page.workspace = await _get(reader, _GET_WORKSPACE, workspace_id)
    for kind, ids in changed.items():
        parameters = {"workspace_id": workspace_id, "ids": list(ids)}
        rows = await reader.fetch_all(_LIST_BY_IDS[kind], parameters, is_long=len(ids) > _FEW)
        page.rows[kind] = rows
        there = {_get_id(kind, row) for row in rows}
        page.removed += [(kind, id_) for id_ in ids if id_ not in there]
    return page


async def _list_log(reader: Reader, workspace_id: str, *, revision: int, limit: int) -> list[Row]:
    """Return the changes from a revision on, including it."""
    return await reader.fetch_all(
        _LIST_LOG, {"workspace_id": workspace_id, "revision": revision, "limit": limit}
    )


def _make_mark(log: Iterable[Row], revision: int) -> str:
    return next((row["batch_id"][-_MARK_LENGTH:] for row in log if row["revision"] == revision), "")


def _get_id(kind: str, row: Row) -> str:
    """Return the entity id that the change log uses for a row."""
    return str(row["user_id" if kind == "member" else "id"])


async def list_events(reader: Reader, workspace_id: str, *, after: int, limit: int) -> list[Row]:
    """Return the changes after a revision, in order, without the values of fields."""
    return await reader.fetch_all(
        _LIST_EVENTS, {"workspace_id": workspace_id, "after": after, "limit": limit}
    )


async def list_revisions(reader: Reader, workspace_ids: Sequence[str]) -> dict[str, int]:
    """Return the current revisions of workspaces, by id."""
    rows = await reader.fetch_all(_LIST_REVISIONS, {"ids": list(workspace_ids)})
    return {row["id"]: row["revision"] for row in rows}
