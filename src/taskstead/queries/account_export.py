"""Export of an account: all data about a user, as JSON and JSON Lines files."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import BigInteger, Select, bindparam, select

from taskstead.db.database import LongReader
from taskstead.db.query import untyped
from taskstead.db.statements import Row
from taskstead.queries.audit import list_audit_events
from taskstead.queries.exports import export_tasks
from taskstead.queries.memberships import list_memberships
from taskstead.queries.principals import Principal
from taskstead.queries.task_filters import build_conditions
from taskstead.queries.tokens import list_api_tokens
from taskstead.queries.users import get_user
from taskstead.queries.workspaces import AFTER_ALL_IDS, BEFORE_ALL_IDS
from taskstead.schemas.accounts import render_account
from taskstead.schemas.audit import AuditListing, render_audit_event
from taskstead.schemas.filters import TaskFilter
from taskstead.schemas.tokens import render_api_token
from taskstead.tables.categories import categories
from taskstead.tables.changes import changes
from taskstead.tables.tags import tags
from taskstead.tables.tokens import sessions
from taskstead.tables.workspaces import members

# Rows per query.
_CHUNK = 500
_LIMIT = bindparam("limit", type_=BigInteger)
# Exported tables of a workspace. Each has the key column that orders the rows, and a value that
# precedes all keys.
_EXPORTED_TABLES = {
    "members": (members, "user_id", BEFORE_ALL_IDS),
    "categories": (categories, "id", BEFORE_ALL_IDS),
    "tags": (tags, "id", BEFORE_ALL_IDS),
    "changes": (changes, "revision", 0),
}
_LIST_ROWS: dict[str, Select[Any]] = {
    name: select(table)
    .where(
        table.c.workspace_id == bindparam("workspace_id"),
        table.c[key] > bindparam("after", type_=table.c[key].type),
    )
    .order_by(table.c[key])
    .limit(_LIMIT)
    for name, (table, key, _) in _EXPORTED_TABLES.items()
}
_LIST_SESSIONS = (
    select(sessions.c.id, sessions.c.created_at, sessions.c.expires_at)
    .where(sessions.c.user_id == bindparam("user_id"))
    .order_by(sessions.c.id)
)
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
    rows = await reader.fetch_all(untyped(_LIST_SESSIONS), {"user_id": user_id})
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


def _render_event(row: Row, user_id: str) -> dict[str, Any]:
    """Return the JSON data of an event, without the IP and e-mail address of other users."""
    event = render_audit_event(row)
    if row["user_id"] not in (None, user_id):
        event |= {"user_email": None, "address": None}
    return event


async def _export_workspace(
    reader: LongReader, principal: Principal, membership: Row, now: datetime
) -> AsyncGenerator[tuple[str, bytes]]:
    workspace_id = membership["workspace_id"]
    folder = f"workspaces/{workspace_id}"
    owner = replace(principal, workspace_id=workspace_id, role="owner")
    conditions = build_conditions(owner, TaskFilter(deleted="include"), now, dialect=reader.dialect)
    zone = ZoneInfo(principal.time_zone)
    async for lines in export_tasks(reader, conditions, "jsonl", zone):
        yield f"{folder}/tasks.jsonl", lines
    for name in _EXPORTED_TABLES:
        async for rows in _walk_rows(reader, workspace_id, name):
            yield (
                f"{folder}/{name}.jsonl",
                _encoder.encode_lines(_omit_columns(rows, _OMITTED_COLUMNS)),
            )


async def _walk_rows(reader: LongReader, workspace_id: str, name: str) -> AsyncGenerator[list[Row]]:
    """Yield the rows of a table in ``_EXPORTED_TABLES`` in chunks.

    An empty table yields one empty chunk, so that its file is created.
    """
    _, key, after = _EXPORTED_TABLES[name]
    while True:
        values = {"workspace_id": workspace_id, "after": after, "limit": _CHUNK}
        rows = await reader.fetch_all(untyped(_LIST_ROWS[name]), values, is_long=True)
        yield rows
        if len(rows) < _CHUNK:
            return
        after = rows[-1][key]


def _omit_columns(rows: Iterable[Row], columns: Iterable[str]) -> list[Mapping[str, Any]]:
    omitted = frozenset(columns)
    return [{name: row[name] for name in row if name not in omitted} for row in rows]
