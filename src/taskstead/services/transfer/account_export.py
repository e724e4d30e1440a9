"""Export of an account: all data about a user, as JSON and JSON Lines files."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from taskstead.db.database import Database
from taskstead.domain.principal import Principal
from taskstead.formats.json.accounts import render_account, render_api_token
from taskstead.formats.json.admin import render_audit_event
from taskstead.ids import AFTER_ALL_IDS, BEFORE_ALL_IDS
from taskstead.queries.accounts.tokens import list_api_tokens
from taskstead.queries.accounts.users import get_user
from taskstead.queries.audit import list_audit_events
from taskstead.queries.transfer.account_export import list_sessions, walk_tables
from taskstead.queries.workspaces.memberships import MembershipRow, list_memberships
from taskstead.schemas.admin.audit import AuditListing
from taskstead.schemas.tasks.filters import TaskFilter
from taskstead.services.content_reader import ContentReader
from taskstead.services.transfer.export import export_tasks
from taskstead.tables.audit import NamedAuditEventRow

# Audit log events per query.
_CHUNK = 500
# Columns that are not exported: keys derived from the name, and the workspace's id.
_OMITTED_COLUMNS = ("name_key", "sort_key", "workspace_id")

_encoder = msgspec.json.Encoder()


async def export_account(
    database: Database, principal: Principal, *, now: datetime
) -> AsyncGenerator[tuple[str, bytes]]:
    """Yield (file name, block of content) pairs. The blocks of a file are consecutive.

    The export contains the account, its sessions and API tokens without secrets, its memberships,
    its events in the audit log, and the content of the workspaces that the user owns. Chunks are
    read in separate transactions, so concurrent changes may be included or not.
    """
    user_id = principal.user_id
    yield "account.json", _encoder.encode(render_account(await get_user(database, user_id)))
    yield "sessions.jsonl", _encoder.encode_lines(await list_sessions(database, user_id))
    tokens = await list_api_tokens(database, user_id, after_id=BEFORE_ALL_IDS, limit=10_000)
    yield "api_tokens.jsonl", _encoder.encode_lines([render_api_token(row) for row in tokens])
    async for events in _walk_events(database, user_id, now):
        yield "audit.jsonl", events
    memberships = await list_memberships(database, user_id)
    yield "memberships.jsonl", _encoder.encode_lines(_omit_columns(memberships, ("user_id",)))
    for membership in memberships:
        if membership["role"] == "owner":
            async for block in _export_workspace(database, principal, membership, now):
                yield block


async def _walk_events(database: Database, user_id: str, now: datetime) -> AsyncGenerator[bytes]:
    listing, before_id = AuditListing(user=user_id), AFTER_ALL_IDS
    while True:
        rows = await list_audit_events(
            database, listing, zone="Etc/UTC", now=now, before_id=before_id, limit=_CHUNK
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
    database: Database, principal: Principal, membership: MembershipRow, now: datetime
) -> AsyncGenerator[tuple[str, bytes]]:
    workspace_id = membership["workspace_id"]
    folder = f"workspaces/{workspace_id}"
    owner = replace(principal, workspace_id=workspace_id, role="owner")
    # The principal's revision belongs to another workspace, so this does not use the replica.
    content = ContentReader(database)
    everything = TaskFilter(deleted="include")
    async for lines in export_tasks(content, owner, everything, "jsonl", now=now):
        yield f"{folder}/tasks.jsonl", lines
    async for name, rows in walk_tables(database, workspace_id):
        yield f"{folder}/{name}.jsonl", _encoder.encode_lines(_omit_columns(rows, _OMITTED_COLUMNS))


def _omit_columns(
    rows: Iterable[Mapping[str, Any]], columns: Iterable[str]
) -> list[Mapping[str, Any]]:
    omitted = frozenset(columns)
    return [{name: row[name] for name in row if name not in omitted} for row in rows]
