"""Queries for the export of an account: sessions, and the tables of a workspace."""

from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypedDict

from sqlalchemy import BigInteger, ColumnElement, Table, bindparam, select

from taskstead.db.database import LongReader, Reader
from taskstead.db.sql.query import Query, R
from taskstead.entities.saved_filters import SAVED_FILTER
from taskstead.ids import BEFORE_ALL_IDS
from taskstead.queries.visibility import IS_VISIBLE_CHANGE, list_privacy_conditions
from taskstead.tables.changes import ChangeRow, changes
from taskstead.tables.labels.categories import CategoryRow, categories
from taskstead.tables.labels.tags import TagRow, tags
from taskstead.tables.occurrences import OccurrenceRow, occurrences
from taskstead.tables.saved_filters import SavedFilterRow, saved_filters
from taskstead.tables.tokens import sessions
from taskstead.tables.workspaces import MemberRow, members


class SessionRow(TypedDict):
    """A session in the export."""

    id: str
    created_at: datetime
    expires_at: datetime
    method: str
    client: str | None
    address: str | None
    last_used_at: datetime | None


class _TableList(NamedTuple):
    """A query for the rows of a workspace's table after a key, in order of the key.

    Attributes:
        query: the query.
        key: the column of the key.
        first_key: a value that precedes all keys.
        is_private: whether the query has the parameter ``viewer_id``.
    """

    query: Query[Any]
    key: str
    first_key: str | int
    is_private: bool


# Rows per query.
_CHUNK = 500
_LIST_SESSIONS = Query(
    SessionRow,
    select(
        sessions.c.id,
        sessions.c.created_at,
        sessions.c.expires_at,
        sessions.c.method,
        sessions.c.client,
        sessions.c.address,
        sessions.c.last_used_at,
    )
    .where(sessions.c.user_id == bindparam("user_id"))
    .order_by(sessions.c.id),
)


def _build_list(
    row_type: type[R],
    table: Table,
    key: str,
    *conditions: ColumnElement[bool],
    first_key: str | int = BEFORE_ALL_IDS,
) -> _TableList:
    statement = (
        select(table)
        .where(
            table.c.workspace_id == bindparam("workspace_id"),
            table.c[key] > bindparam("after", type_=table.c[key].type),
            *conditions,
        )
        .order_by(table.c[key])
        .limit(bindparam("limit", type_=BigInteger))
    )
    return _TableList(Query(row_type, statement), key, first_key, is_private=bool(conditions))


_TABLES = {
    "members": _build_list(MemberRow, members, "user_id"),
    "categories": _build_list(CategoryRow, categories, "id"),
    "tags": _build_list(TagRow, tags, "id"),
    "occurrences": _build_list(OccurrenceRow, occurrences, "id"),
    "filters": _build_list(
        SavedFilterRow, saved_filters, "id", *list_privacy_conditions(SAVED_FILTER)
    ),
    "changes": _build_list(ChangeRow, changes, "revision", IS_VISIBLE_CHANGE, first_key=0),
}


async def list_sessions(reader: Reader, user_id: str) -> list[SessionRow]:
    """Return the sessions of a user."""
    return await reader.fetch_all(_LIST_SESSIONS, {"user_id": user_id})


async def walk_tables(
    reader: LongReader, workspace_id: str, *, user_id: str
) -> AsyncGenerator[tuple[str, list[Mapping[str, Any]]]]:
    """Yield (table name, rows) pairs with the rows of a workspace that a user sees, in chunks.

    The tasks are not included. An empty table yields one empty chunk, so that its file is created.
    """
    for name, (query, key, first_key, is_private) in _TABLES.items():
        after = first_key
        viewer = {"viewer_id": user_id} if is_private else {}
        while True:
            values = {"workspace_id": workspace_id, "after": after, "limit": _CHUNK, **viewer}
            rows = await reader.fetch_all(query, values, is_long=True)
            yield name, rows
            if len(rows) < _CHUNK:
                break
            after = rows[-1][key]
