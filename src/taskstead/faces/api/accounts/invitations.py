"""``/api/v1/invitations``: invitations to register, managed by administrators."""

from fastapi import APIRouter
from starlette.responses import Response

from taskstead.errors import NotFoundError
from taskstead.formats.json.accounts import render_invitation
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
from taskstead.queries.accounts.users import get_invitation
from taskstead.schemas.accounts.accounts import Invitation, InvitationCreate, InvitationWithToken
from taskstead.schemas.base import Page
from taskstead.services.accounts.invitations import (
    create_invitation,
    delete_invitation,
    read_invitations,
)

PATH = "/api/v1/invitations"

router = APIRouter(prefix=PATH, tags=["administration"], route_class=Route)


@router.get(
    "",
    summary="List invitations",
    response_model=Page[Invitation],
    responses=document_problems(*COMMON_ERRORS, *TOKEN_ERRORS),
)
async def list_all(ctx: AdminRead, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
    """List all invitations, including used ones."""
    page = await read_invitations(ctx, cursor=cursor, limit=limit)
    return build_page(page, render_invitation)


@router.post(
    "",
    summary="Create invitation",
    status_code=201,
    response_model=InvitationWithToken,
    responses={
        201: {
            "headers": {
                "Location": {
                    "description": "The URL of the invitation.",
                    "schema": {"type": "string"},
                }
            }
        },
        **document_problems(*COMMON_ERRORS, *BODY_ERRORS, *TOKEN_ERRORS),
    },
)
async def create(ctx: AdminWrite, server: AppState, body: InvitationCreate) -> Response:
    """Create an invitation. Only this response contains its token."""
    row, token = await create_invitation(ctx, server.settings, body)
    return build_json_response(
        {**render_invitation(row), "token": token},
        status=201,
        headers={"Cache-Control": "no-store", "Location": f"{PATH}/{row['id']}"},
    )


@router.get(
    "/{invitation_id}",
    summary="Get invitation",
    response_model=Invitation,
    responses=document_problems(*COMMON_ERRORS, *TOKEN_ERRORS, NotFoundError),
)
async def get(ctx: AdminRead, invitation_id: IdParameter) -> Response:
    """Return one invitation, without its token."""
    return build_json_response(render_invitation(await get_invitation(ctx.database, invitation_id)))


@router.delete(
    "/{invitation_id}",
    summary="Delete invitation",
    status_code=204,
    responses=document_problems(*COMMON_ERRORS, *TOKEN_ERRORS, NotFoundError),
)
async def delete(ctx: AdminWrite, invitation_id: IdParameter) -> Response:
    """Delete an invitation, so that it can no longer be used."""
    await delete_invitation(ctx, invitation_id)
    return build_empty_response()
