"""``/api/v1/admin/users``: the accounts of the server, for administrators.

Accounts are created by invitation (``faces/api/accounts/invitations.py``), by registration or on
the command line.
"""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from taskstead.errors import (
    ForbiddenError,
    LastAdministratorError,
    NotFoundError,
    SoleOwnerError,
)
from taskstead.formats.json.admin import render_user
from taskstead.http.app_state import AppState
from taskstead.http.requests.authentication import AdminRead, AdminWrite
from taskstead.http.requests.path_params import IdParameter
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    BODY_ERRORS,
    COMMON_ERRORS,
    TOKEN_ERRORS,
    document_problems,
)
from taskstead.http.responses.json import build_empty_response, build_json_response
from taskstead.http.responses.pagination import DEFAULT_LIMIT, Cursor, Limit, build_page
from taskstead.queries.accounts.users import get_user
from taskstead.schemas.admin.users import RegistrationRules, User, UserDeletion, UserPatch
from taskstead.schemas.base import Page
from taskstead.services.accounts.deletion import delete_user
from taskstead.services.admin import read_users, sign_out_user, update_user

READ_RESPONSES = document_problems(*COMMON_ERRORS, *TOKEN_ERRORS)
ITEM_ERRORS = (*COMMON_ERRORS, *TOKEN_ERRORS, NotFoundError)

router = APIRouter(prefix="/api/v1/admin", tags=["administration"], route_class=Route)


@router.get("/users", summary="List users", response_model=Page[User], responses=READ_RESPONSES)
async def list_all(
    ctx: AdminRead,
    q: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=200,
            pattern=r"^[^\x00]*$",
            description="Only users whose e-mail address or name contains this text.",
            examples=["ada@"],
        ),
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List the accounts of the server, oldest first."""
    page = await read_users(ctx, text=q, cursor=cursor, limit=limit)
    return build_page(page, render_user)


@router.get(
    "/users/{user_id}",
    summary="Get user",
    response_model=User,
    responses=document_problems(*ITEM_ERRORS),
)
async def get(ctx: AdminRead, user_id: IdParameter) -> Response:
    """Return one account."""
    return build_json_response(render_user(await get_user(ctx.database, user_id)))


@router.patch(
    "/users/{user_id}",
    summary="Update user",
    response_model=User,
    responses=document_problems(*ITEM_ERRORS, *BODY_ERRORS, LastAdministratorError),
)
async def patch(ctx: AdminWrite, user_id: IdParameter, body: UserPatch) -> Response:
    """Disable or enable an account, or grant or revoke administrator rights.

    All requests of a disabled account are rejected, including requests with its API tokens. If the
    account is enabled again, its API tokens become valid again, but its sessions do not.
    """
    return build_json_response(render_user(await update_user(ctx, user_id, body)))


@router.post(
    "/users/{user_id}/delete",
    summary="Delete user",
    status_code=204,
    responses=document_problems(
        *ITEM_ERRORS, *BODY_ERRORS, ForbiddenError, LastAdministratorError, SoleOwnerError
    ),
)
async def delete(ctx: AdminWrite, user_id: IdParameter, body: UserDeletion) -> Response:
    """Delete an account, with the same effects as `POST /auth/me/delete`.

    If the user is the only owner of a workspace with other members, use `hand_over` to specify its
    new owner. If a new owner is missing, nothing is deleted. The response is then 409 `sole_owner`
    with these workspaces and their members.
    """
    await delete_user(ctx, user_id, hand_over=body.hand_over)
    return build_empty_response()


@router.post(
    "/users/{user_id}/sign-out",
    summary="Sign out user",
    status_code=204,
    responses=document_problems(*ITEM_ERRORS),
)
async def sign_out(ctx: AdminWrite, user_id: IdParameter) -> Response:
    """End all sessions of a user and delete all their API tokens."""
    await sign_out_user(ctx, user_id)
    return build_empty_response()


@router.get(
    "/registration",
    summary="Get registration",
    response_model=RegistrationRules,
    responses=READ_RESPONSES,
)
async def get_registration(ctx: AdminRead, server: AppState) -> Response:
    """Return the registration rules. Invitations are at `/api/v1/invitations`."""
    del ctx
    settings = server.settings
    return build_json_response(
        {"registration": settings.registration, "invitation_days": settings.invitation_days}
    )
