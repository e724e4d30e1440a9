"""``/api/v1/admin/audit``: the audit log, for administrators."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from taskstead.clock import get_now
from taskstead.formats.json.admin import render_audit_event
from taskstead.http.app_state import AppState
from taskstead.http.requests.authentication import Administrator
from taskstead.http.requests.query_params import document_query, read_query
from taskstead.http.responses.documented_errors import (
    COMMON_ERRORS,
    TOKEN_ERRORS,
    document_problems,
)
from taskstead.http.responses.pagination import build_page
from taskstead.schemas.admin.audit import AuditEvent, AuditListing
from taskstead.schemas.base import Page
from taskstead.services.audit import read_audit_log

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
    page = await read_audit_log(server.database, principal, query, now=get_now())
    return build_page(page, render_audit_event)
