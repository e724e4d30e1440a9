"""Queries for log compaction, which deletes old changes from the change logs."""

from datetime import datetime
from typing import TypedDict

from sqlalchemy import BigInteger, and_, bindparam, func, not_, or_, select

from taskstead.db.database import LongReader, Reader
from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Instant
from taskstead.tables.changes import changes
from taskstead.tables.workspaces import workspaces


class LogStartRow(TypedDict):
    """The id of a workspace, and the last revision that log compaction has deleted."""

    id: str
    oldest_revision: int


class LogEntryRow(TypedDict):
    """The revision, time and batch of a change."""

    revision: int
    at: datetime
    batch_id: str


class LastRevisionRow(TypedDict):
    """The last revision of a batch."""

    revision: int


class EntityRow(TypedDict):
    """The kind and id of a changed entity."""

    kind: str
    entity_id: str


_later = changes.alias("later")
# Tombstone: the last change of a trashed or purged entity. Compaction does not delete it.
IS_TOMBSTONE = and_(
    or_(changes.c.action == "trashed", changes.c.action == "purged"),
    not_(
        select(_later.c.revision)
        .where(
            _later.c.workspace_id == changes.c.workspace_id,
            _later.c.kind == changes.c.kind,
            _later.c.entity_id == changes.c.entity_id,
            _later.c.revision > changes.c.revision,
        )
        .correlate(changes)
        .exists()
    ),
)

# A correlated subquery, so that SQLite looks up one row per workspace. With a join, it would read
# the whole log.
FIND_WORKSPACE = Query(
    LogStartRow,
    select(workspaces.c.id, workspaces.c.oldest_revision)
    .where(
        workspaces.c.deleted_at.is_(None),
        select(changes.c.revision)
        .where(
            changes.c.workspace_id == workspaces.c.id,
            changes.c.revision == workspaces.c.oldest_revision + 1,
            changes.c.at < bindparam("until", type_=Instant),
        )
        .correlate(workspaces)
        .exists(),
    )
    .limit(1),
)
_LIST_OLDEST = Query(
    LogEntryRow,
    select(changes.c.revision, changes.c.at, changes.c.batch_id)
    .where(
        changes.c.workspace_id == bindparam("workspace_id"),
        changes.c.revision > bindparam("after"),
    )
    .order_by(changes.c.revision)
    .limit(bindparam("limit", type_=BigInteger)),
)
# Without "+ 0", SQLite would scan the log backwards from the newest revision to find the batch.
GET_END_OF_BATCH = Query(
    LastRevisionRow,
    select(func.max(changes.c.revision + 0).label("revision")).where(
        changes.c.workspace_id == bindparam("workspace_id"),
        changes.c.batch_id == bindparam("batch_id"),
    ),
)
# No DISTINCT, because SQLite would read the whole log in the order of another index for it.
LIST_ENTITIES = Query(
    EntityRow,
    select(changes.c.kind, changes.c.entity_id).where(
        changes.c.workspace_id == bindparam("workspace_id"),
        changes.c.revision > bindparam("after"),
        changes.c.revision <= bindparam("end"),
    ),
)


async def find_workspace_with_old_log(reader: LongReader, *, until: datetime) -> LogStartRow | None:
    """Return one workspace with changes before ``until``, or None."""
    rows = await reader.fetch_all(FIND_WORKSPACE, {"until": until}, is_long=True)
    return rows[0] if rows else None


async def find_end_of_old_log(
    reader: Reader, workspace_id: str, *, after: int, until: datetime, limit: int
) -> int:
    """Return the last revision of a chunk of old changes. A chunk ends with a whole batch.

    Args:
        reader: the database connection to read from.
        workspace_id: the workspace's id.
        after: the revision before the chunk. It is returned if there are no old changes.
        until: time before which a change is old.
        limit: number of changes per chunk. A chunk may be longer, because it ends with a whole
            batch.
    """
    rows = await reader.fetch_all(
        _LIST_OLDEST, {"workspace_id": workspace_id, "after": after, "limit": limit}
    )
    end = after
    batch_id = None
    for row in rows:
        # Stop at the first recent change. If a clock was turned back, changes after it may have
        # older times.
        if row["at"] >= until:
            return end
        end, batch_id = row["revision"], row["batch_id"]
    if batch_id is None:
        return end
    last = await reader.fetch_one(
        GET_END_OF_BATCH, {"workspace_id": workspace_id, "batch_id": batch_id}
    )
    return end if last is None else last["revision"]


async def list_entities_between(
    reader: Reader, workspace_id: str, *, after: int, end: int
) -> dict[str, list[str]]:
    """Return, by kind, the ids of the entities changed after one revision and up to ``end``."""
    rows = await reader.fetch_all(
        LIST_ENTITIES, {"workspace_id": workspace_id, "after": after, "end": end}
    )
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        found.setdefault(row["kind"], {})[row["entity_id"]] = None
    return {kind: list(ids) for kind, ids in found.items()}
