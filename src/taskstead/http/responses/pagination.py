"""Pagination: the query parameters and the response of a page."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from taskstead.db.sql.query import R
from taskstead.formats.cursor import encode_cursor
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


def build_page(
    listing: str,
    rows: Sequence[R],
    limit: int,
    render: Callable[[R], dict[str, Any]],
    get_key: Callable[[R], tuple[str | int, ...]],
) -> Response:
    """Return the response with one page.

    Args:
        listing: the name of the listing, as for ``formats.cursor.decode_cursor``.
        rows: the rows of the page, and one more if there is a next page.
        limit: the page size.
        render: returns the JSON data of a row.
        get_key: returns the cursor key of a row.
    """
    page_rows = rows[:limit]
    has_more = len(rows) > limit
    return build_json_response(
        {
            "items": [render(row) for row in page_rows],
            "next_cursor": encode_cursor(listing, *get_key(page_rows[-1])) if has_more else None,
        }
    )
