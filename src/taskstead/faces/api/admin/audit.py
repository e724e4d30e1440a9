"""``/api/v1/admin/audit``: the audit log, for administrators."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from taskstead.formats.json.admin import render_audit_event
from taskstead.http.requests.authentication import AdminRead
from taskstead.http.requests.query_params import document_query, read_query
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    COMMON_ERRORS,
    TOKEN_ERRORS,
    document_problems,
)
from taskstead.http.responses.pagination import build_page
from taskstead.schemas.admin.audit import AuditEvent, AuditListing
from taskstead.schemas.base import Page
from taskstead.services.audit import read_audit_log

router = APIRouter(prefix="/api/v1/admin", tags=["administration"], route_class=Route)


@router.get(
    "/audit",
    summary="List audit log",
    response_model=Page[AuditEvent],
    responses=document_problems(*COMMON_ERRORS, *TOKEN_ERRORS),
    openapi_extra=document_query(AuditListing),
)
async def list_all(request: Request, ctx: AdminRead) -> Response:
    """List the security events of the server, newest first.

    The audit log records logins, password changes, tokens, invitations, memberships and
    administrative actions. Entries are deleted after `TASKSTEAD_AUDIT_DAYS`.
    """
    query = read_query(request, AuditListing)
    page = await read_audit_log(ctx, query)
    return build_page(page, render_audit_event)
