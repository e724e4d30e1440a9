"""``/api/v1/tokens``: the API tokens of the user."""

from fastapi import APIRouter
from starlette.responses import Response

from taskstead.errors import ForbiddenError, NotFoundError
from taskstead.formats.json.accounts import render_api_token
from taskstead.http.requests.authentication import AccountRead, AccountWrite, OwnToken
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
from taskstead.queries.accounts.tokens import get_api_token
from taskstead.schemas.accounts.tokens import ApiToken, ApiTokenCreate, ApiTokenWithSecret
from taskstead.schemas.base import Page
from taskstead.services.accounts.tokens import (
    create_api_token,
    delete_api_token,
    get_own_token_id,
    read_api_tokens,
)

PATH = "/api/v1/tokens"

router = APIRouter(prefix=PATH, tags=["account"], route_class=Route)


@router.get(
    "",
    summary="List API tokens",
    response_model=Page[ApiToken],
    responses=document_problems(*COMMON_ERRORS, *TOKEN_ERRORS),
)
async def list_all(
    ctx: AccountRead, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Response:
    """List your API tokens, without their secrets."""
    page = await read_api_tokens(ctx, cursor=cursor, limit=limit)
    return build_page(page, render_api_token)


@router.post(
    "",
    summary="Create API token",
    status_code=201,
    response_model=ApiTokenWithSecret,
    responses={
        201: {
            "headers": {
                "Location": {
                    "description": "The URL of the API token.",
                    "schema": {"type": "string"},
                }
            }
        },
        **document_problems(*COMMON_ERRORS, *BODY_ERRORS, *TOKEN_ERRORS, ForbiddenError),
    },
)
async def create(ctx: AccountWrite, body: ApiTokenCreate) -> Response:
    """Create an API token for a program. Only this response contains the token."""
    row, token = await create_api_token(ctx, body)
    return build_json_response(
        {**render_api_token(row), "token": token},
        status=201,
        headers={"Cache-Control": "no-store", "Location": f"{PATH}/{row['id']}"},
    )


@router.get(
    "/current",
    summary="Get current API token",
    response_model=ApiToken,
    responses=document_problems(*COMMON_ERRORS, *TOKEN_ERRORS, NotFoundError),
)
async def get_current(ctx: AccountRead) -> Response:
    """Return the API token with which this request was sent, without its secret."""
    token_id = get_own_token_id(ctx.principal)
    row = await get_api_token(ctx.database, ctx.principal.user_id, token_id)
    return build_json_response(render_api_token(row))


@router.delete(
    "/current",
    summary="Delete current API token",
    status_code=204,
    responses=document_problems(*COMMON_ERRORS, *TOKEN_ERRORS, NotFoundError),
)
async def delete_current(ctx: OwnToken) -> Response:
    """Delete the API token with which this request was sent.

    A program that signs out needs no right to change the account for this.
    """
    await delete_api_token(ctx, get_own_token_id(ctx.principal))
    return build_empty_response()


@router.get(
    "/{token_id}",
    summary="Get API token",
    response_model=ApiToken,
    responses=document_problems(*COMMON_ERRORS, *TOKEN_ERRORS, NotFoundError),
)
async def get(ctx: AccountRead, token_id: IdParameter) -> Response:
    """Return one of your API tokens, without its secret."""
    row = await get_api_token(ctx.database, ctx.principal.user_id, token_id)
    return build_json_response(render_api_token(row))


@router.delete(
    "/{token_id}",
    summary="Delete API token",
    status_code=204,
    responses=document_problems(*COMMON_ERRORS, *TOKEN_ERRORS, NotFoundError),
)
async def delete(ctx: AccountWrite, token_id: IdParameter) -> Response:
    """Delete an API token. Requests with it are rejected from now on."""
    await delete_api_token(ctx, token_id)
    return build_empty_response()
