"""``/api/v1/preferences``: settings of the clients, which follow the user."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from starlette.responses import Response

from taskstead.http.requests.authentication import AccountRead, AccountWrite
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    BODY_ERRORS,
    COMMON_ERRORS,
    TOKEN_ERRORS,
    document_problems,
)
from taskstead.http.responses.etags import (
    CACHE_HEADERS,
    NOT_MODIFIED,
    PRECONDITION_ERRORS,
    build_not_modified,
    is_not_modified,
    read_precondition,
)
from taskstead.queries.accounts.preferences import get_preferences
from taskstead.services.accounts.preferences import patch_preferences, replace_preferences
from taskstead.services.preconditions import make_etag
from taskstead.tables.users import PreferencesRow

_EXAMPLE = {"web": {"theme": "dark", "first_weekday": 1}}
_SCHEMA = {"type": "object", "additionalProperties": True}
_DOCUMENTED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": _SCHEMA, "example": _EXAMPLE}}}
}
WRITE_RESPONSES = {
    **_DOCUMENTED,
    **document_problems(*COMMON_ERRORS, *BODY_ERRORS, *TOKEN_ERRORS, *PRECONDITION_ERRORS),
}
Content = Annotated[dict[str, Any], Body(examples=[_EXAMPLE])]

router = APIRouter(prefix="/api/v1/preferences", tags=["account"], route_class=Route)


@router.get(
    "",
    summary="Get preferences",
    response_class=Response,
    responses={
        **_DOCUMENTED,
        **NOT_MODIFIED,
        **document_problems(*COMMON_ERRORS, *TOKEN_ERRORS),
    },
)
async def get(request: Request, ctx: AccountRead) -> Response:
    """Return your preferences, a JSON object. It is empty until you store some."""
    row = await get_preferences(ctx.database, ctx.principal.user_id)
    etag = make_etag(row)
    if is_not_modified(request, etag):
        return build_not_modified(etag)
    response = _build_response(row)
    response.headers.update(CACHE_HEADERS)
    return response


@router.put("", summary="Replace preferences", response_class=Response, responses=WRITE_RESPONSES)
async def put(request: Request, ctx: AccountWrite, body: Content) -> Response:
    """Replace your preferences. The server stores them for clients and does not interpret them.

    They may have 64 kB of JSON and 10 levels. Numbers with a fraction or an exponent become
    double-precision numbers. They belong to you in all workspaces, so use keys of
    your own, such as the name of the client.
    """
    return _build_response(await replace_preferences(ctx, body, read_precondition(request)))


@router.patch("", summary="Update preferences", response_class=Response, responses=WRITE_RESPONSES)
async def patch(request: Request, ctx: AccountWrite, body: Content) -> Response:
    """Change single values by a JSON merge patch (RFC 7396). Null removes a key."""
    return _build_response(await patch_preferences(ctx, body, read_precondition(request)))


def _build_response(row: PreferencesRow) -> Response:
    return Response(row["content"], 200, {"ETag": make_etag(row)}, "application/json")
