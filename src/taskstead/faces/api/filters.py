"""``/api/v1/filters/parse``: check of a filter while it is typed."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from taskstead.formats.json.filters import render_check
from taskstead.http.requests.authentication import TasksRead
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    COMMON_ERRORS,
    WORKSPACE_ERRORS,
    document_problems,
)
from taskstead.http.responses.json import build_json_response
from taskstead.schemas.filters import FilterCheck
from taskstead.schemas.text import StorableText
from taskstead.services.filters import check_filter

router = APIRouter(prefix="/api/v1/filters", tags=["filters"], route_class=Route)

FilterToCheck = Annotated[
    StorableText,
    Query(
        alias="filter",
        description="A text in the filter language. It may be incomplete.",
        examples=["(overdue or today) #Household"],
    ),
]


@router.get(
    "/parse",
    summary="Check filter",
    response_model=FilterCheck,
    responses=document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS),
)
async def parse(ctx: TasksRead, text: FilterToCheck = "") -> Response:
    """Parse a filter without reading tasks, for example while it is typed.

    An app can color the text by `spans`. A text that is not a filter is no error of the request:
    the status is 200, and `errors` contains the reason.
    """
    return build_json_response(render_check(await check_filter(ctx, text)))
