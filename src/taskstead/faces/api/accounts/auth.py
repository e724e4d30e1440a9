"""``/auth``: registration, login, sessions and the account of the user."""

from contextlib import nullcontext
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response, StreamingResponse

from taskstead.errors import (
    CrossSiteRequestError,
    ForbiddenError,
    LastAdministratorError,
    LoginFailedError,
    NameTakenError,
    RegistrationClosedError,
    SetupRequiredError,
    SoleOwnerError,
    TokenExpiredError,
    UnauthenticatedError,
)
from taskstead.faces.api.accounts.session import build_session_response
from taskstead.formats.json.accounts import render_account
from taskstead.formats.zip_stream import stream_zip
from taskstead.http.app_state import AppState, Server
from taskstead.http.downloads import DOWNLOAD_HEADERS, build_download
from taskstead.http.login_attempts import get_client_name, login_attempt
from taskstead.http.requests.authentication import AccountRead, AccountWrite, clear_used_cookie
from taskstead.http.requests.route_class import SecretRoute
from taskstead.http.requests.session_cookie import (
    check_same_origin,
    read_replaced_cookies,
    set_session_cookie,
)
from taskstead.http.responses.documented_errors import (
    BODY_ERRORS,
    COMMON_ERRORS,
    TOKEN_ERRORS,
    document_problems,
)
from taskstead.http.responses.json import build_empty_response, build_json_response
from taskstead.queries.accounts.users import get_user
from taskstead.schemas.accounts.accounts import (
    Account,
    AccountDeletion,
    AccountPatch,
    Login,
    PasswordChange,
    PasswordConfirmation,
    Refresh,
    Register,
    TokenPair,
)
from taskstead.services.accounts.access import require_session
from taskstead.services.accounts.accounts import (
    change_password,
    confirm_export,
    register_account,
    update_account,
)
from taskstead.services.accounts.deletion import delete_own_account
from taskstead.services.accounts.sessions import (
    IssuedTokens,
    NewSession,
    end_session,
    log_in,
    refresh_session,
)
from taskstead.services.context import ReadContext
from taskstead.services.transfer.account_export import export_account

LOGIN_RESPONSES = document_problems(*COMMON_ERRORS, *BODY_ERRORS, LoginFailedError, ForbiddenError)

router = APIRouter(prefix="/auth", tags=["account"], route_class=SecretRoute)


def _build_token_response(issued: IssuedTokens, *, status: int = 200) -> Response:
    data: dict[str, Any] = {**issued._asdict(), "token_type": "bearer"}
    # RFC 6749, section 5.1: caches must not store tokens.
    return build_json_response(data, status=status, headers={"Cache-Control": "no-store"})


@router.post(
    "/register",
    summary="Register account",
    status_code=201,
    response_model=TokenPair | Account,
    responses=document_problems(
        *COMMON_ERRORS,
        *BODY_ERRORS,
        RegistrationClosedError,
        SetupRequiredError,
        CrossSiteRequestError,
        NameTakenError,
    ),
)
async def register(request: Request, server: AppState, body: Register) -> Response:
    """Create an account with a personal workspace, and log in."""
    await server.limits.count_registration(request)
    if body.session == "cookie":
        check_same_origin(request)
    started = await register_account(
        server.database,
        server.passwords,
        server.settings,
        body,
        client=get_client_name(request),
        old_cookies=read_replaced_cookies(request),
        clock=server.clock,
    )
    if isinstance(started, NewSession):
        return await build_session_response(request, server, started, status=201)
    return _build_token_response(started, status=201)


@router.post("/login", summary="Log in", response_model=TokenPair, responses=LOGIN_RESPONSES)
async def login(request: Request, server: AppState, body: Login) -> Response:
    """Log in with your e-mail address and password."""
    return await _log_in(request, server, body.email, body.password)


async def _log_in(request: Request, server: Server, email: str, password: str) -> Response:
    async with login_attempt(request, server, email):
        issued = await log_in(
            server.database,
            server.passwords,
            server.settings,
            email=email,
            password=password,
            client=get_client_name(request),
            clock=server.clock,
        )
    return _build_token_response(issued)


@router.post(
    "/token", summary="Log in by form", response_model=TokenPair, responses=LOGIN_RESPONSES
)
async def token(
    *,
    request: Request,
    server: AppState,
    username: Annotated[str, Form(max_length=254, description="The e-mail address.")],
    password: Annotated[str, Form(max_length=256, json_schema_extra={"format": "password"})],
    grant_type: Annotated[str | None, Form(pattern="^password$")] = None,
    scope: Annotated[str, Form(description="Ignored: a session has every scope.")] = "",
) -> Response:
    """Log in with the OAuth 2 password form (RFC 6749, section 4.3).

    The "Authorize" dialog in /docs uses this operation.
    """
    del grant_type, scope
    return await _log_in(request, server, username, password)


@router.post(
    "/refresh",
    summary="Refresh session",
    response_model=TokenPair,
    responses=document_problems(
        *COMMON_ERRORS, *BODY_ERRORS, UnauthenticatedError, TokenExpiredError, ForbiddenError
    ),
)
async def refresh(request: Request, server: AppState, body: Refresh) -> Response:
    """Exchange a refresh token for a new pair of tokens.

    You can repeat the request within 30 seconds. It then returns the same pair, so that a lost
    response or a second browser tab does not end the session. After the new refresh token has been
    used, a repeated request gets 401 `refresh_superseded`. If the old refresh token is used after
    these 30 seconds, the session ends, because somebody may have copied the token.
    """
    await server.limits.count_request(request)
    issued = await refresh_session(
        server.database, server.settings, refresh_token=body.refresh_token, clock=server.clock
    )
    return _build_token_response(issued)


@router.post(
    "/logout",
    summary="Log out",
    status_code=204,
    responses=document_problems(*COMMON_ERRORS, *TOKEN_ERRORS, ForbiddenError),
)
async def logout(request: Request, ctx: AccountWrite) -> Response:
    """End this session and revoke its access and refresh tokens, or delete its cookie."""
    if ctx.principal.session_id is None:
        raise ForbiddenError(
            "An API token has no session. Use DELETE /api/v1/tokens/{id} to delete it."
        )
    await end_session(ctx)
    response = build_empty_response()
    clear_used_cookie(request, response)
    return response


@router.get(
    "/me",
    summary="Get account",
    response_model=Account,
    responses=document_problems(*COMMON_ERRORS, *TOKEN_ERRORS),
)
async def get_me(ctx: AccountRead) -> Response:
    """Return your account."""
    return build_json_response(render_account(await get_user(ctx.database, ctx.principal.user_id)))


@router.patch(
    "/me",
    summary="Update account",
    response_model=Account,
    responses=document_problems(*COMMON_ERRORS, *BODY_ERRORS, *TOKEN_ERRORS, NameTakenError),
)
async def patch_me(
    request: Request, ctx: AccountWrite, server: AppState, body: AccountPatch
) -> Response:
    """Change the fields in the body. A new e-mail address requires the current password."""
    needs_password = "email" in body.list_values()
    guard = server.limits.password_guard(request, ctx.principal.user_id)
    async with guard if needs_password else nullcontext():
        row = await update_account(ctx, server.passwords, body)
    return build_json_response(render_account(row))


@router.post(
    "/password",
    summary="Change password",
    status_code=204,
    responses=document_problems(*COMMON_ERRORS, *BODY_ERRORS, *TOKEN_ERRORS),
)
async def post_password(
    request: Request, ctx: AccountWrite, server: AppState, body: PasswordChange
) -> Response:
    """Change your password. All other sessions end. API tokens remain valid.

    A session with a cookie gets a new cookie.
    """
    async with server.limits.password_guard(request, ctx.principal.user_id):
        cookie = await change_password(ctx, server.passwords, server.settings, body)
    response = build_empty_response()
    if cookie is not None:
        set_session_cookie(request, response, cookie)
    return response


@router.post(
    "/me/export",
    summary="Export account",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "A ZIP archive of JSON and JSON Lines.",
            "headers": DOWNLOAD_HEADERS,
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        },
        **document_problems(*COMMON_ERRORS, *BODY_ERRORS, *TOKEN_ERRORS, ForbiddenError),
    },
)
async def export_me(
    request: Request, ctx: AccountWrite, server: AppState, body: PasswordConfirmation
) -> Response:
    """Export all data that the server has about you. Requires a session and your password.

    The archive contains your account, its sessions and API tokens without secrets, your
    memberships, and the audit events about you. For each workspace that you own, it contains the
    tasks, categories, tags, members and history. You can import `tasks.jsonl` again. An incomplete
    archive cannot be opened.
    """
    # Before the rate limit, so that an API token cannot use up the user's attempts.
    require_session(ctx.principal)
    async with server.limits.password_guard(request, ctx.principal.user_id):
        await confirm_export(ctx, server.passwords, body)
    # The archive is generated while the response is sent, so it is not part of the write.
    read_ctx = ReadContext(ctx.principal, ctx.database, ctx.clock())
    return await build_download(
        stream_zip(export_account(read_ctx)),
        file_name=f"taskstead-account-{read_ctx.now:%Y-%m-%d}.zip",
        media_type="application/zip",
        headers={"Cache-Control": "no-store"},
    )


@router.post(
    "/me/delete",
    summary="Delete account",
    status_code=204,
    responses=document_problems(
        *COMMON_ERRORS,
        *BODY_ERRORS,
        *TOKEN_ERRORS,
        ForbiddenError,
        LastAdministratorError,
        SoleOwnerError,
    ),
)
async def delete_me(
    request: Request, ctx: AccountWrite, server: AppState, body: AccountDeletion
) -> Response:
    """Delete your account permanently. Requires a session and your current password.

    Your sessions and API tokens end at once. Workspaces without other members are deleted with
    their content. You leave all other workspaces, and your tasks there become unassigned. If you
    are the only owner of a workspace with other members, use `hand_over` to specify its new owner.
    If a new owner is missing, nothing is deleted. The response is then 409 `sole_owner` with these
    workspaces and their members.
    """
    # Before the rate limit, so that an API token cannot use up the user's attempts.
    require_session(ctx.principal)
    async with server.limits.password_guard(request, ctx.principal.user_id):
        await delete_own_account(ctx, server.passwords, body)
    response = build_empty_response()
    clear_used_cookie(request, response)
    return response
