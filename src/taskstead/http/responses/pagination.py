"""Pagination: the query parameters and the response of a page."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from taskstead.formats.cursor import Page, Row
from taskstead.http.responses.json import build_json_response

MAX_LIMIT = 200
DEFAULT_LIMIT = 50

Limit = Annotated[
    int, Query(ge=1, le=MAX_LIMIT, description="The maximum number of items.", examples=[20])
]
Cursor = Annotated[
    str | None,
    Query(max_length=2000, description="The `next_cursor` of the previous page. Do not parse it."),
]


def build_page(page: Page[Row], render: Callable[[Row], dict[str, Any]]) -> Response:
    """Return the response with one page. ``render`` returns the JSON data of a row."""
    return build_json_response(
        {"items": [render(row) for row in page.rows], "next_cursor": page.next_cursor}
    )
