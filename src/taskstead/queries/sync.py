"""Reading a workspace for replicas: first all of it, from then on what has changed, by pages.

The walk through the tables is no single snapshot. It need not be: it notes the revision at which
it began, and what has changed since is read from the log in its end.
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

# The order in which a snapshot walks: what is referred to comes first.
WALKED_KINDS = ("member", "category", "tag", "task")
# More rows than that are no work for the event loop, on SQLite.
_FEW = 50
# The end of a batch's id, which is random, is enough to know it by.
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
# Plus 0 hides the column from SQLite's planner, which would read the whole workspace in the order
# of revisions to save a sort.
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
class Place:
    """How far a replica has come.

    Attributes:
        revision: all changes up to this one are known, once the walk through the tables is over.
        mark: tells the batch of that revision from another that has its number after the database
            was replaced by a backup; empty when it is not known.
        kind: where the walk is; empty when it is over.
        after_id: the last row of that kind that was shown.
    """

    revision: int
    mark: str = ""
    kind: str = ""
    after_id: str = BEFORE_ALL_IDS


@dataclass(slots=True)
class SyncPage:
    """One page for a replica.

    Attributes:
        rows: by kind; each row once and as it is now.
        removed: kind and id of what is gone for good.
        place: how far the replica has come with it.
        has_more: whether there is more already.
    """

    place: Place
    workspace: Row | None = None
    rows: dict[str, list[Row]] = field(default_factory=dict)
    removed: list[tuple[str, str]] = field(default_factory=list)
    has_more: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it tells nothing, and nothing more is there."""
        return not (self.has_more or self.workspace or self.removed or any(self.rows.values()))


async def read_sync_page(
    reader: LongReader, workspace_id: str, place: Place | None, *, revision: int, limit: int
) -> SyncPage:
    """Return the page behind a place, at the cost of at most eight statements.

    When it has no more, then what it and the pages before it show is the workspace at exactly
    ``place.revision``.

    Args:
        reader: where.
        workspace_id: which workspace.
        place: where the page before ended; None to begin.
        revision: the workspace's, read before this.
        limit: how many rows, or changes, at most.

    Raises:
        ResyncNeededError: the place is not one in this log, or not in what is left of it.
        NotFoundError: there is no such workspace (any more).
    """
    if place is None:
        page = await _begin_walk(reader, workspace_id, revision, limit)
    elif place.kind:
        page = await _read_tables(reader, workspace_id, place, limit)
    else:
        page = await _read_log(reader, workspace_id, place, limit)
    # Read last: if nothing has been written up to here, all of the above was of one moment.
    head = await _get(reader, _GET_HEAD, workspace_id)
    since = page.place.revision if place is None else place.revision
    if since < head["oldest_revision"]:
        raise ResyncNeededError(
            "This token is too old: the log does not reach back to it any more."
        )
    if since > head["revision"]:
        raise ResyncNeededError(
            "This token is of a later state than the server's: a backup was put in place."
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
    place = Place(revision, _make_mark(log, revision), WALKED_KINDS[0])
    workspace = await _get(reader, _GET_WORKSPACE, workspace_id)
    page = await _read_tables(reader, workspace_id, place, limit)
    page.workspace = workspace
    return page


async def _read_tables(reader: LongReader, workspace_id: str, place: Place, limit: int) -> SyncPage:
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
    page.place = Place(place.revision, place.mark)
    return page


async def _read_log(reader: LongReader, workspace_id: str, place: Place, limit: int) -> SyncPage:
    log = await _list_log(reader, workspace_id, revision=place.revision, limit=limit + 1)
    mark = _make_mark(log, place.revision)
    if mark and place.mark and mark != place.mark:
        raise ResyncNeededError(
            "This token is of another history than the server's: a backup was put in place."
        )
    new = [change for change in log if change["revision"] > place.revision][:limit]
    page = SyncPage(place)
    if new:
        last = new[-1]["revision"]
        page.place = Place(last, _make_mark(new, last))
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
    """Return the changes from a revision on."""
    return await reader.fetch_all(
        _LIST_LOG, {"workspace_id": workspace_id, "revision": revision, "limit": limit}
    )


def _make_mark(log: Iterable[Row], revision: int) -> str:
    return next((row["batch_id"][-_MARK_LENGTH:] for row in log if row["revision"] == revision), "")


def _get_id(kind: str, row: Row) -> str:
    """Return the id that the log knows a row by."""
    return str(row["user_id" if kind == "member" else "id"])


async def list_events(reader: Reader, workspace_id: str, *, after: int, limit: int) -> list[Row]:
    """Return what happened after a revision, in order: the log's rows without the values."""
    return await reader.fetch_all(
        _LIST_EVENTS, {"workspace_id": workspace_id, "after": after, "limit": limit}
    )


async def list_revisions(reader: Reader, workspace_ids: Sequence[str]) -> dict[str, int]:
    """Return the revisions of these workspaces, by id."""
    rows = await reader.fetch_all(_LIST_REVISIONS, {"ids": list(workspace_ids)})
    return {row["id"]: row["revision"] for row in rows}
