"""Task listings over HTTP: one page per response.

The cursor in a response continues the listing on the next page. It is valid only with the same
filter and sort order.
"""

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

import msgspec
from fastapi import Request
from starlette.responses import Response

from taskstead.clock import render_instant
from taskstead.db.database import LongReader
from taskstead.domain.principal import Principal
from taskstead.domain.sorting import SortKey, parse_sort
from taskstead.errors import FieldError, ValidationFailedError
from taskstead.formats.cursor import MAX_INT64, parse_time
from taskstead.formats.json.tasks import render_fields, render_listed_task
from taskstead.http.app_state import Server
from taskstead.http.responses.json import build_json_response
from taskstead.http.responses.response_cache import build_cached_response, get_current_minute
from taskstead.ids import parse_id
from taskstead.queries.search import find_corrections
from taskstead.queries.tasks.filters import Conditions, build_conditions
from taskstead.queries.tasks.listing import (
    complete_sort,
    count_tasks,
    get_key,
    is_long_listing,
    list_tasks,
)
from taskstead.schemas.tasks.listing import TaskListing
from taskstead.schemas.tasks.tasks import parse_fields

_TIME_KEYS = {"created_at", "updated_at", "due_date", "completed_at"}
_NUMBER_KEYS = {"priority", "number", "relevance"}
_INVALID_CURSOR = "This is not a cursor of a task listing."
_WRONG_LISTING = "This cursor belongs to a listing with another filter or sort order."


class _Cursor(msgspec.Struct, array_like=True, frozen=True):
    """A position in a listing. Clients receive it as encoded text.

    Attributes:
        listing_hash: a hash of the filter and the sort order for which the position is valid.
        now: the time of the first page. The relative filters of all pages, such as "overdue", use
            this time.
        position: the values of the sort keys in the last row of the page.
    """

    listing_hash: str
    now: datetime
    position: tuple[Any, ...]


async def build_listing_response(
    request: Request, server: Server, principal: Principal, query: TaskListing
) -> Response:
    """Return a page of the listing that the parameters describe.

    Raises:
        ValidationFailedError: the cursor is invalid or belongs to another listing.
    """
    sort = complete_sort(parse_sort(query.effective_sort))
    listing_hash = _hash_listing(query)
    cursor = None if query.cursor is None else _decode_cursor(query.cursor, listing_hash, sort)
    now = get_current_minute() if cursor is None else cursor.now
    build_filter = partial(build_conditions, principal, query, now, dialect=server.database.dialect)
    conditions = build_filter()
    position = None if cursor is None else cursor.position

    build_page = partial(
        _build_page,
        request,
        query,
        sort=sort,
        conditions=conditions,
        build_filter=build_filter,
        cursor_template=_Cursor(listing_hash, now, position or ()),
    )

    async def build() -> Response:
        is_long = is_long_listing(conditions)
        return await server.content.read(principal, build_page, is_long=is_long)

    name_ids, values = sorted(conditions.names), conditions.values
    key = (
        "tasks",
        listing_hash,
        name_ids,
        values,
        position,
        query.limit,
        query.fields,
        query.include_total,
    )
    return await build_cached_response(request, server, principal, key, build)


async def _build_page(
    request: Request,
    query: TaskListing,
    reader: LongReader,
    *,
    sort: tuple[SortKey, ...],
    conditions: Conditions,
    build_filter: Callable[..., Conditions],
    cursor_template: _Cursor,
) -> Response:
    fields = None if query.fields is None else parse_fields(query.fields)
    read = partial(
        list_tasks,
        reader,
        sort=sort,
        after=cursor_template.position or None,
        limit=query.limit + 1,
        with_description=fields is not None and "description" in fields,
    )
    rows = await read(conditions)
    if not rows and query.q is not None:
        workspace_id = conditions.values["workspace_id"]
        corrections = await find_corrections(reader, reader.dialect, workspace_id, query.q)
        if corrections:
            conditions = build_filter(corrections=corrections)
            rows = await read(conditions)
    page: dict[str, Any] = {
        "items": [
            render_listed_task(row) if fields is None else render_fields(row, fields)
            for row in rows[: query.limit]
        ],
        "next_cursor": None,
    }
    if query.include_total:
        page["total"] = await count_tasks(reader, conditions)
    if len(rows) <= query.limit:
        return build_json_response(page)
    position = get_key(rows[query.limit - 1], sort)
    page["next_cursor"] = _encode_cursor(
        msgspec.structs.replace(cursor_template, position=position)
    )
    return build_json_response(
        page, headers={"Link": _render_link_header(request, page["next_cursor"])}
    )


def _hash_listing(query: TaskListing) -> str:
    """Return a short hash of filter and sort order.

    The page size and the selected fields are not part of it, so they may change between pages.
    """
    parameters = query.model_dump(
        exclude={"cursor", "limit", "fields", "include_total", "sort"}, exclude_defaults=True
    )
    encoded = msgspec.json.encode([query.effective_sort, sorted(parameters.items())])
    return hashlib.blake2b(encoded, digest_size=6).hexdigest()


def _encode_cursor(cursor: _Cursor) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).rstrip(b"=").decode()


def _decode_cursor(text: str, listing_hash: str, sort: tuple[SortKey, ...]) -> _Cursor:
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        data = base64.b64decode(padded, b"-_", validate=True)
        cursor = msgspec.json.decode(data, type=_Cursor)
    except (ValueError, msgspec.DecodeError):
        raise _build_cursor_error(_INVALID_CURSOR) from None
    if cursor.listing_hash != listing_hash:
        raise _build_cursor_error(_WRONG_LISTING)
    try:
        position = tuple(
            _parse_value(value, key) for value, key in zip(cursor.position, sort, strict=True)
        )
        render_instant(cursor.now)
    except (ValueError, TypeError, OverflowError):
        raise _build_cursor_error(_INVALID_CURSOR) from None
    return msgspec.structs.replace(cursor, position=position)


def _parse_value(value: object, key: SortKey) -> Any:
    """Convert a cursor value to the type of its sort key; raise ValueError if that fails."""
    if value is None and key.name in ("due_date", "completed_at"):
        return None
    if key.name in _NUMBER_KEYS:
        if isinstance(value, int) and -MAX_INT64 <= value <= MAX_INT64:
            return value
    elif isinstance(value, str) and "\x00" not in value:
        if key.name == "id":
            return parse_id(value)
        return parse_time(value) if key.name in _TIME_KEYS else value
    raise ValueError("a value of another type")


def _build_cursor_error(message: str) -> ValidationFailedError:
    detail = f"{message} Fetch the first page without a cursor."
    return ValidationFailedError(detail, errors=[FieldError("query/cursor", detail, "cursor")])


def _render_link_header(request: Request, cursor: str) -> str:
    """Return the Link header (RFC 8288) of the next page, relative to this one."""
    parameters = [item for item in request.query_params.multi_items() if item[0] != "cursor"]
    return f'<{request.url.path}?{urlencode([*parameters, ("cursor", cursor)])}>; rel="next"'
