"""``/api/v1/admin/audit``: the audit log, for administrators."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from taskstead.clock import get_now
from taskstead.formats.cursor import decode_cursor
from taskstead.formats.json.admin import render_audit_event
from taskstead.http.app_state import AppState
from taskstead.http.requests.authentication import Administrator
from taskstead.http.requests.query_params import document_query, read_query
from taskstead.http.responses.pagination import build_page
from taskstead.http.responses.problem_details import COMMON_ERRORS, TOKEN_ERRORS, document_problems
from taskstead.ids import AFTER_ALL_IDS
from taskstead.queries.audit import list_audit_events
from taskstead.schemas.admin.audit import AuditEvent, AuditListing
from taskstead.schemas.base import Page

router = APIRouter(prefix="/api/v1/admin", tags=["administration"])


@router.get(
    "/audit",
    summary="List audit log",
    response_model=Page[AuditEvent],
    responses=document_problems(*COMMON_ERRORS, *TOKEN_ERRORS),
    openapi_extra=document_query(AuditListing),
)
async def list_all(request: Request, principal: Administrator, server: AppState) -> Response:
    """List the security events of the server, newest first.

    The audit log records logins, password changes, tokens, invitations, memberships and
    administrative actions. Entries are deleted after `TASKSTEAD_AUDIT_DAYS`.
    """
    query = read_query(request, AuditListing)
    listing = f"audit {query.model_dump_json(exclude={'limit', 'cursor'})}"
    (before,) = decode_cursor(listing, query.cursor, AFTER_ALL_IDS)
    rows = await list_audit_events(
        server.database,
        query,
        zone=principal.time_zone,
        now=get_now(),
        before_id=before,
        limit=query.limit + 1,
    )
    return build_page(listing, rows, query.limit, render_audit_event, lambda row: (row["id"],))
