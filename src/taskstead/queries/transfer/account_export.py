"""Export of an account: all data about a user, as JSON and JSON Lines files."""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import BigInteger, Table, bindparam, select

from taskstead.db.database import LongReader
from taskstead.db.sql.query import Query, R
from taskstead.domain.principal import Principal
from taskstead.formats.json.accounts import render_account, render_api_token
from taskstead.formats.json.admin import render_audit_event
from taskstead.ids import AFTER_ALL_IDS, BEFORE_ALL_IDS
from taskstead.queries.accounts.tokens import list_api_tokens
from taskstead.queries.accounts.users import get_user
from taskstead.queries.audit import list_audit_events
from taskstead.queries.tasks.filters import build_conditions
from taskstead.queries.transfer.export import export_tasks
from taskstead.queries.workspaces.memberships import MembershipRow, list_memberships
from taskstead.schemas.admin.audit import AuditListing
from taskstead.schemas.tasks.filters import TaskFilter
from taskstead.tables.audit import NamedAuditEventRow
from taskstead.tables.categories import CategoryRow, categories
from taskstead.tables.changes import ChangeRow, changes
from taskstead.tables.tags import TagRow, tags
from taskstead.tables.tokens import sessions
from taskstead.tables.workspaces import MemberRow, members


class _SessionRow(TypedDict):
    """A session in the export."""

    id: str
    created_at: datetime
    expires_at: datetime


# Rows per query.
_CHUNK = 500
_LIMIT = bindparam("limit", type_=BigInteger)
_LIST_SESSIONS = Query(
    _SessionRow,
    select(sessions.c.id, sessions.c.created_at, sessions.c.expires_at)
    .where(sessions.c.user_id == bindparam("user_id"))
    .order_by(sessions.c.id),
)


def _build_list(row_type: type[R], table: Table, key: str) -> Query[R]:
    """Build the query for the rows of a table in a workspace after a key, in order of the key."""
    return Query(
        row_type,
        select(table)
        .where(
            table.c.workspace_id == bindparam("workspace_id"),
            table.c[key] > bindparam("after", type_=table.c[key].type),
        )
        .order_by(table.c[key])
        .limit(_LIMIT),
    )


_LIST_MEMBERS = _build_list(MemberRow, members, "user_id")
_LIST_CATEGORIES = _build_list(CategoryRow, categories, "id")
_LIST_TAGS = _build_list(TagRow, tags, "id")
_LIST_CHANGES = _build_list(ChangeRow, changes, "revision")
# Columns that are not exported: keys derived from the name, and the workspace's id.
_OMITTED_COLUMNS = ("name_key", "sort_key", "workspace_id")

_encoder = msgspec.json.Encoder()


async def export_account(
    reader: LongReader, principal: Principal, *, now: datetime
) -> AsyncGenerator[tuple[str, bytes]]:
    """Yield (file name, block of content) pairs. The blocks of a file are consecutive.

    The export contains the account, its sessions and API tokens without secrets, its memberships,
    its events in the audit log, and the content of the workspaces that the user owns. Chunks are
    read in separate transactions, so concurrent changes may be included or not.
    """
    user_id = principal.user_id
    yield "account.json", _encoder.encode(render_account(await get_user(reader, user_id)))
    rows = await reader.fetch_all(_LIST_SESSIONS, {"user_id": user_id})
    yield "sessions.jsonl", _encoder.encode_lines(rows)
    tokens = await list_api_tokens(reader, user_id, after_id=BEFORE_ALL_IDS, limit=10_000)
    yield "api_tokens.jsonl", _encoder.encode_lines([render_api_token(row) for row in tokens])
    async for events in _walk_events(reader, user_id, now):
        yield "audit.jsonl", events
    memberships = await list_memberships(reader, user_id)
    yield "memberships.jsonl", _encoder.encode_lines(_omit_columns(memberships, ("user_id",)))
    for membership in memberships:
        if membership["role"] == "owner":
            async for block in _export_workspace(reader, principal, membership, now):
                yield block


async def _walk_events(reader: LongReader, user_id: str, now: datetime) -> AsyncGenerator[bytes]:
    listing, before_id = AuditListing(user=user_id), AFTER_ALL_IDS
    while True:
        rows = await list_audit_events(
            reader, listing, zone="Etc/UTC", now=now, before_id=before_id, limit=_CHUNK
        )
        yield _encoder.encode_lines([_render_event(row, user_id) for row in rows])
        if len(rows) < _CHUNK:
            return
        before_id = rows[-1]["id"]


def _render_event(row: NamedAuditEventRow, user_id: str) -> dict[str, Any]:
    """Return the JSON data of an event, without the IP and e-mail address of other users."""
    event = render_audit_event(row)
    if row["user_id"] not in (None, user_id):
        event |= {"user_email": None, "address": None}
    return event


async def _export_workspace(
    reader: LongReader, principal: Principal, membership: MembershipRow, now: datetime
) -> AsyncGenerator[tuple[str, bytes]]:
    workspace_id = membership["workspace_id"]
    folder = f"workspaces/{workspace_id}"
    owner = replace(principal, workspace_id=workspace_id, role="owner")
    conditions = build_conditions(owner, TaskFilter(deleted="include"), now, dialect=reader.dialect)
    zone = ZoneInfo(principal.time_zone)
    async for lines in export_tasks(reader, conditions, "jsonl", zone):
        yield f"{folder}/tasks.jsonl", lines
    tables = {
        "members": _walk_rows(reader, workspace_id, _LIST_MEMBERS, lambda row: row["user_id"]),
        "categories": _walk_rows(reader, workspace_id, _LIST_CATEGORIES, lambda row: row["id"]),
        "tags": _walk_rows(reader, workspace_id, _LIST_TAGS, lambda row: row["id"]),
        "changes": _walk_rows(
            reader, workspace_id, _LIST_CHANGES, lambda row: row["revision"], first_key=0
        ),
    }
    for name, blocks in tables.items():
        async for block in blocks:
            yield f"{folder}/{name}.jsonl", block


async def _walk_rows(
    reader: LongReader,
    workspace_id: str,
    query: Query[R],
    get_key: Callable[[R], str | int],
    *,
    first_key: str | int = BEFORE_ALL_IDS,
) -> AsyncGenerator[bytes]:
    """Yield the rows of a table as JSON Lines, in chunks.

    An empty table yields one empty block, so that its file is created.

    Args:
        reader: the database connection to read from.
        workspace_id: the workspace.
        query: a query of :func:`_build_list`.
        get_key: returns the key of a row.
        first_key: a value that precedes all keys.
    """
    after = first_key
    while True:
        values = {"workspace_id": workspace_id, "after": after, "limit": _CHUNK}
        rows = await reader.fetch_all(query, values, is_long=True)
        yield _encoder.encode_lines(_omit_columns(rows, _OMITTED_COLUMNS))
        if len(rows) < _CHUNK:
            return
        after = get_key(rows[-1])


def _omit_columns(
    rows: Iterable[Mapping[str, Any]], columns: Iterable[str]
) -> list[Mapping[str, Any]]:
    omitted = frozenset(columns)
    return [{name: row[name] for name in row if name not in omitted} for row in rows]
