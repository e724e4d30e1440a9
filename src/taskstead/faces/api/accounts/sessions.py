"""``/auth/sessions``: the sessions of the user."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from taskstead.errors import NotFoundError
from taskstead.formats.json.accounts import render_session
from taskstead.http.requests.authentication import AccountRead, AccountWrite, clear_used_cookie
from taskstead.http.requests.path_params import IdParameter
from taskstead.http.requests.route_class import SecretRoute
from taskstead.http.responses.documented_errors import (
    COMMON_ERRORS,
    TOKEN_ERRORS,
    document_problems,
)
from taskstead.http.responses.json import build_empty_response
from taskstead.http.responses.pagination import DEFAULT_LIMIT, Cursor, Limit, build_page
from taskstead.schemas.accounts.sessions import Session
from taskstead.schemas.base import Page
from taskstead.services.accounts.session_list import (
    end_one_session,
    end_other_sessions,
    read_sessions,
)

RESPONSES = document_problems(*COMMON_ERRORS, *TOKEN_ERRORS)

router = APIRouter(prefix="/auth/sessions", tags=["account"], route_class=SecretRoute)


@router.get("", summary="List sessions", response_model=Page[Session], responses=RESPONSES)
async def list_all(
    ctx: AccountRead, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Response:
    """List your sessions, oldest first. Each login starts one."""
    page = await read_sessions(ctx, cursor=cursor, limit=limit)
    return build_page(page, lambda row: render_session(row, ctx.principal.session_id))


@router.post("/end-others", summary="End other sessions", status_code=204, responses=RESPONSES)
async def post_end_others(ctx: AccountWrite) -> Response:
    """End all your sessions except the one of this request. API tokens remain valid.

    With an API token, all sessions end.
    """
    await end_other_sessions(ctx)
    return build_empty_response()


@router.delete(
    "/{session_id}",
    summary="End session",
    status_code=204,
    responses=document_problems(*COMMON_ERRORS, *TOKEN_ERRORS, NotFoundError),
)
async def delete(request: Request, ctx: AccountWrite, session_id: IdParameter) -> Response:
    """End one of your sessions. Requests with its tokens or its cookie are rejected from now on.

    An open event stream of the session may send events for one more second.
    """
    await end_one_session(ctx, session_id)
    response = build_empty_response()
    if session_id == ctx.principal.session_id:
        clear_used_cookie(request, response)
    return response
