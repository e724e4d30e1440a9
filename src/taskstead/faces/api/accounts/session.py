"""``/auth/session``: the cookie session of the web app."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from taskstead.errors import CrossSiteRequestError, ForbiddenError, LoginFailedError
from taskstead.formats.json.accounts import render_account
from taskstead.http.app_state import AppState, Server
from taskstead.http.login_attempts import get_client_name, login_attempt
from taskstead.http.requests.route_class import SecretRoute
from taskstead.http.requests.session_cookie import (
    check_same_origin,
    clear_session_cookie,
    read_replaced_cookies,
    set_session_cookie,
)
from taskstead.http.responses.documented_errors import (
    BODY_ERRORS,
    COMMON_ERRORS,
    document_problems,
)
from taskstead.http.responses.json import build_empty_response, build_json_response
from taskstead.queries.accounts.users import get_user
from taskstead.schemas.accounts.accounts import Account, Login
from taskstead.services.accounts.sessions import (
    NewSession,
    end_cookie_sessions,
    log_in_by_cookie,
)

router = APIRouter(prefix="/auth/session", tags=["account"], route_class=SecretRoute)


@router.post(
    "",
    summary="Log in by cookie",
    response_model=Account,
    responses=document_problems(
        *COMMON_ERRORS, *BODY_ERRORS, LoginFailedError, ForbiddenError, CrossSiteRequestError
    ),
)
async def post_session(request: Request, server: AppState, body: Login) -> Response:
    """Log in and set a session cookie, for web pages of this server. Other clients use tokens.

    The cookie cannot be read by scripts. This request, and each request that is authenticated by
    the cookie, needs a non-empty header `Taskstead-Client`; its value is ignored. It must come from
    a page of this server. By default, the session ends when it is not used for 30 days, and after
    180 days in any case.
    """
    await _check_same_origin(request, server)
    async with login_attempt(request, server, body.email):
        session = await log_in_by_cookie(
            server.database,
            server.passwords,
            server.settings,
            email=body.email,
            password=body.password,
            client=get_client_name(request),
            old_cookies=read_replaced_cookies(request),
            clock=server.clock,
        )
    return await build_session_response(request, server, session)


async def build_session_response(
    request: Request, server: Server, session: NewSession, *, status: int = 200
) -> Response:
    """Return a response with the account of a new session, and its cookie."""
    account = render_account(await get_user(server.database, session.user_id))
    response = build_json_response(account, status=status, headers={"Cache-Control": "no-store"})
    set_session_cookie(request, response, session.cookie)
    return response


async def _check_same_origin(request: Request, server: Server) -> None:
    """Check that the request comes from a page of this server. A rejected request is counted."""
    try:
        check_same_origin(request)
    except CrossSiteRequestError:
        await server.limits.count_request(request)
        raise


@router.delete(
    "",
    summary="Log out by cookie",
    status_code=204,
    responses=document_problems(*COMMON_ERRORS, CrossSiteRequestError),
)
async def delete_session(request: Request, server: AppState) -> Response:
    """End the session of the cookie and delete the cookie.

    The response is the same if the session has already ended. Over HTTPS, the session of a cookie
    that was set over plain HTTP is ended, too.
    """
    await server.limits.count_request(request)
    check_same_origin(request)
    cookies = read_replaced_cookies(request)
    if cookies:
        await end_cookie_sessions(server.database, cookies, clock=server.clock)
    response = build_empty_response()
    clear_session_cookie(request, response)
    return response
