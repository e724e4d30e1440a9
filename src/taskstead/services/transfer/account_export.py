"""Export of an account: all data about a user, as JSON and JSON Lines files."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from taskstead.formats.json.accounts import render_account, render_api_token
from taskstead.formats.json.admin import render_audit_event
from taskstead.ids import AFTER_ALL_IDS, BEFORE_ALL_IDS
from taskstead.queries.accounts.preferences import get_preferences
from taskstead.queries.accounts.tokens import list_api_tokens
from taskstead.queries.accounts.users import get_user
from taskstead.queries.audit import list_audit_events
from taskstead.queries.saved_filters import list_own_filters
from taskstead.queries.transfer.account_export import list_sessions, walk_tables
from taskstead.queries.workspaces.memberships import MembershipRow, list_memberships
from taskstead.schemas.admin.audit import AuditListing
from taskstead.schemas.tasks.filters import TaskFilter
from taskstead.services.context import ReadContext
from taskstead.services.transfer.export import export_tasks
from taskstead.tables.audit import NamedAuditEventRow

# Audit log events per query.
_CHUNK = 500
# Columns that are not exported: derived keys, the user who sees a change, and the workspace's id.
_DERIVED_COLUMNS = ("name_key", "sort_key", "label_keys")
_OMITTED_COLUMNS = (*_DERIVED_COLUMNS, "visible_to", "workspace_id")

_encoder = msgspec.json.Encoder()


async def export_account(ctx: ReadContext) -> AsyncGenerator[tuple[str, bytes]]:
    """Yield (file name, block of content) pairs. The blocks of a file are consecutive.

    The export contains the account, its preferences, its sessions and API tokens without secrets,
    its memberships, its events in the audit log, its own filters, and the content of the workspaces
    that the user owns. Chunks are read in separate transactions, so concurrent changes may be
    included or not.
    """
    user_id = ctx.principal.user_id
    yield "account.json", _encoder.encode(render_account(await get_user(ctx.database, user_id)))
    preferences = await get_preferences(ctx.database, user_id)
    yield "preferences.json", preferences["content"].encode()
    yield "sessions.jsonl", _encoder.encode_lines(await list_sessions(ctx.database, user_id))
    tokens = await list_api_tokens(ctx.database, user_id, after_id=BEFORE_ALL_IDS, limit=10_000)
    yield "api_tokens.jsonl", _encoder.encode_lines([render_api_token(row) for row in tokens])
    async for events in _walk_events(ctx, user_id):
        yield "audit.jsonl", events
    memberships = await list_memberships(ctx.database, user_id)
    yield "memberships.jsonl", _encoder.encode_lines(_omit_columns(memberships, ("user_id",)))
    yield "filters.jsonl", b""
    for membership in memberships:
        if membership["role"] != "owner":
            yield "filters.jsonl", await _export_own_filters(ctx, membership["workspace_id"])
    for membership in memberships:
        if membership["role"] == "owner":
            async for block in _export_workspace(ctx, membership):
                yield block


async def _walk_events(ctx: ReadContext, user_id: str) -> AsyncGenerator[bytes]:
    listing, before_id = AuditListing(user=user_id), AFTER_ALL_IDS
    while True:
        rows = await list_audit_events(
            ctx.database, listing, zone="Etc/UTC", now=ctx.now, before_id=before_id, limit=_CHUNK
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


async def _export_own_filters(ctx: ReadContext, workspace_id: str) -> bytes:
    rows = await list_own_filters(ctx.database, workspace_id, owner_id=ctx.principal.user_id)
    return _encoder.encode_lines(_omit_columns(rows, _DERIVED_COLUMNS))


async def _export_workspace(
    ctx: ReadContext, membership: MembershipRow
) -> AsyncGenerator[tuple[str, bytes]]:
    workspace_id = membership["workspace_id"]
    folder = f"workspaces/{workspace_id}"
    owner = replace(ctx.principal, workspace_id=workspace_id, role="owner")
    # The principal's revision belongs to another workspace, so this does not use the replica.
    owner_ctx = replace(ctx, principal=owner, replica=None)
    everything = TaskFilter(deleted="include")
    async for lines in export_tasks(owner_ctx, everything, "jsonl"):
        yield f"{folder}/tasks.jsonl", lines
    async for name, rows in walk_tables(ctx.database, workspace_id, user_id=ctx.principal.user_id):
        yield f"{folder}/{name}.jsonl", _encoder.encode_lines(_omit_columns(rows, _OMITTED_COLUMNS))


def _omit_columns(
    rows: Iterable[Mapping[str, Any]], columns: Iterable[str]
) -> list[Mapping[str, Any]]:
    omitted = frozenset(columns)
    return [{name: row[name] for name in row if name not in omitted} for row in rows]
