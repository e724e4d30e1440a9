"""``/api/v1/workspaces``: workspaces and their members."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from taskstead.errors import (
    ConflictError,
    ForbiddenError,
    InsufficientRoleError,
    LastOwnerError,
    NameTakenError,
    NotFoundError,
)
from taskstead.formats.json.workspaces import render_member, render_workspace
from taskstead.http.requests.authentication import AccountRead, AccountWrite
from taskstead.http.requests.path_params import IdParameter
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    BODY_ERRORS,
    COMMON_ERRORS,
    TOKEN_ERRORS,
    document_problems,
)
from taskstead.http.responses.etags import (
    NOT_MODIFIED,
    PRECONDITION_ERRORS,
    add_list_etag,
    build_conditional_resource,
    build_resource,
    read_precondition,
)
from taskstead.http.responses.json import build_empty_response, build_json_response
from taskstead.http.responses.pagination import DEFAULT_LIMIT, Cursor, Limit, build_page
from taskstead.queries.workspaces.workspaces import get_workspace
from taskstead.schemas.base import Page
from taskstead.schemas.text import Label
from taskstead.schemas.workspaces import (
    Member,
    MemberAdd,
    MemberPatch,
    Workspace,
    WorkspaceCreate,
    WorkspacePatch,
)
from taskstead.services.workspaces.trash import restore_workspace, trash_workspace
from taskstead.services.workspaces.workspaces import (
    add_member,
    create_workspace,
    read_members,
    read_workspaces,
    remove_member,
    update_member,
    update_workspace,
)

PATH = "/api/v1/workspaces"
READ_RESPONSES = document_problems(*COMMON_ERRORS, *TOKEN_ERRORS, NotFoundError)
OWNER_ERRORS = (*COMMON_ERRORS, *TOKEN_ERRORS, NotFoundError, InsufficientRoleError)

router = APIRouter(prefix=PATH, tags=["workspaces"], route_class=Route)


@router.get(
    "",
    summary="List workspaces",
    response_model=Page[Workspace],
    responses={**NOT_MODIFIED, **READ_RESPONSES},
)
async def list_all(
    request: Request,
    ctx: AccountRead,
    *,
    deleted: Annotated[
        bool, Query(description="True: list the workspaces in the trash that you own.")
    ] = False,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List the workspaces of which you are a member.

    With `deleted=true`, list the workspaces in the trash that you own and can restore.
    """
    page = await read_workspaces(ctx, deleted=deleted, cursor=cursor, limit=limit)
    return add_list_etag(request, build_page(page, render_workspace))


@router.post(
    "",
    summary="Create workspace",
    status_code=201,
    response_model=Workspace,
    responses=document_problems(*COMMON_ERRORS, *BODY_ERRORS, *TOKEN_ERRORS, ForbiddenError),
)
async def create(ctx: AccountWrite, body: WorkspaceCreate) -> Response:
    """Create a workspace. You become its owner."""
    row = await create_workspace(ctx, body)
    headers = {"Location": f"{PATH}/{row['id']}"}
    return build_resource(row, render_workspace(row), status=201, headers=headers)


@router.get(
    "/{workspace_id}",
    summary="Get workspace",
    response_model=Workspace,
    responses={**NOT_MODIFIED, **READ_RESPONSES},
)
async def get(request: Request, ctx: AccountRead, workspace_id: IdParameter) -> Response:
    """Return one workspace with your role in it."""
    row = await get_workspace(ctx.database, ctx.principal.user_id, workspace_id)
    return build_conditional_resource(request, row, render_workspace(row))


@router.patch(
    "/{workspace_id}",
    summary="Update workspace",
    response_model=Workspace,
    responses=document_problems(*OWNER_ERRORS, *BODY_ERRORS, *PRECONDITION_ERRORS),
)
async def patch(
    request: Request, ctx: AccountWrite, workspace_id: IdParameter, body: WorkspacePatch
) -> Response:
    """Change the fields in the body. Requires the role owner."""
    precondition = read_precondition(request)
    row = await update_workspace(ctx, workspace_id, body, precondition)
    return build_resource(row, render_workspace(row))


@router.delete(
    "/{workspace_id}",
    summary="Delete workspace",
    status_code=204,
    responses=document_problems(*OWNER_ERRORS, ConflictError, *PRECONDITION_ERRORS),
)
async def delete(
    request: Request,
    ctx: AccountWrite,
    workspace_id: IdParameter,
    name: Annotated[
        Label,
        Query(
            description="The name of the workspace, to confirm the deletion.", examples=["Family"]
        ),
    ],
) -> Response:
    """Move a workspace to the trash. Requires the role owner.

    Members lose access at once. Owners can list the workspace with `deleted=true` and restore it.
    It is deleted permanently after `TASKSTEAD_TRASH_DAYS` (30 days by default).
    """
    precondition = read_precondition(request)
    await trash_workspace(ctx, workspace_id, name=name, precondition=precondition)
    return build_empty_response()


@router.post(
    "/{workspace_id}/restore",
    summary="Restore workspace",
    response_model=Workspace,
    responses=document_problems(*OWNER_ERRORS),
)
async def restore(ctx: AccountWrite, workspace_id: IdParameter) -> Response:
    """Restore a workspace from the trash. Requires the role owner."""
    row = await restore_workspace(ctx, workspace_id)
    return build_resource(row, render_workspace(row))


@router.get(
    "/{workspace_id}/members",
    summary="List members",
    response_model=Page[Member],
    responses={**NOT_MODIFIED, **READ_RESPONSES},
)
async def list_all_members(
    request: Request,
    ctx: AccountRead,
    workspace_id: IdParameter,
    *,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List the members of a workspace."""
    page = await read_members(ctx, workspace_id, cursor=cursor, limit=limit)
    return add_list_etag(request, build_page(page, render_member))


@router.post(
    "/{workspace_id}/members",
    summary="Add member",
    status_code=201,
    response_model=Member,
    responses=document_problems(*OWNER_ERRORS, *BODY_ERRORS, NameTakenError, ConflictError),
)
async def create_member(ctx: AccountWrite, workspace_id: IdParameter, body: MemberAdd) -> Response:
    """Add a user by e-mail address. The user needs an account. Requires the role owner."""
    row = await add_member(ctx, workspace_id, body)
    return build_json_response(render_member(row), status=201)


@router.patch(
    "/{workspace_id}/members/{user_id}",
    summary="Update member",
    response_model=Member,
    responses=document_problems(*OWNER_ERRORS, *BODY_ERRORS, LastOwnerError),
)
async def patch_member(
    ctx: AccountWrite, workspace_id: IdParameter, user_id: IdParameter, body: MemberPatch
) -> Response:
    """Change the role of a member. Requires the role owner."""
    row = await update_member(ctx, workspace_id, user_id, role=body.role)
    return build_json_response(render_member(row))


@router.delete(
    "/{workspace_id}/members/{user_id}",
    summary="Remove member",
    status_code=204,
    responses=document_problems(*OWNER_ERRORS, LastOwnerError),
)
async def delete_member(
    ctx: AccountWrite, workspace_id: IdParameter, user_id: IdParameter
) -> Response:
    """Remove a member from a workspace. Requires the role owner, unless you remove yourself."""
    await remove_member(ctx, workspace_id, user_id)
    return build_empty_response()
