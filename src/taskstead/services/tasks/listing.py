"""Task listings: filter, search with spelling corrections, sort order and cursor.

The cursor of a page continues the listing on the next page. It is valid only with the same filter
and sort order.
"""

import hashlib
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import msgspec

from taskstead.clock import render_instant
from taskstead.db.database import LongReader
from taskstead.domain.principal import Principal
from taskstead.domain.sorting import SortKey, parse_sort
from taskstead.domain.task_fields import parse_fields
from taskstead.errors import FieldError, ValidationFailedError
from taskstead.formats.cursor import MAX_INT64, decode_text, encode_text, parse_time
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
from taskstead.schemas.tasks.filters import TaskFilter
from taskstead.schemas.tasks.listing import TaskListing
from taskstead.services.content_reader import ContentReader, PreparedRead
from taskstead.tables.tasks import SortedTaskRow

_NEWEST_FIRST = (SortKey("number", is_descending=True),)
_TIME_KEYS = {"created_at", "updated_at", "due_date", "completed_at"}
_NUMBER_KEYS = {"priority", "number", "relevance"}
_INVALID_CURSOR = "This is not a cursor of a task listing."
_WRONG_LISTING = "This cursor belongs to a listing with another filter or sort order."


class ListedTasks(NamedTuple):
    """One page of a task listing.

    Attributes:
        rows: the tasks in the sort order. They have descriptions only if these were requested.
        next_cursor: the cursor of the next page; None on the last page.
        total: the number of all matching tasks, if it was requested.
    """

    rows: list[SortedTaskRow]
    next_cursor: str | None
    total: int | None


class _Cursor(msgspec.Struct, array_like=True, frozen=True):
    """A position in a listing. Clients receive it as encoded text.

    Attributes:
        listing_hash: a hash of the filter and the sort order for which the position is valid.
        now: the time of the first page. The relative filters of all pages, such as "overdue", use
            this time.
        position: the values of the sort keys in the last row of the page; empty for the first page.
    """

    listing_hash: str
    now: datetime
    position: tuple[Any, ...]


def prepare_listing(
    content: ContentReader, principal: Principal, query: TaskListing, *, now: datetime
) -> PreparedRead[ListedTasks]:
    """Prepare the read of a page of tasks.

    If a search finds no task, it is repeated with spelling corrections.

    Args:
        content: the reader of workspace content.
        principal: the principal, with the workspace.
        query: the filter, the sort order and the page.
        now: the current time. Relative filters such as "overdue" use the start of this minute.

    Raises:
        ValidationFailedError: the cursor is invalid or belongs to another listing.
    """
    sort = complete_sort(parse_sort(query.effective_sort))
    listing_hash = _hash_listing(query)
    if query.cursor is None:
        # With the exact time, each request would have another cache key.
        cursor = _Cursor(listing_hash, now.replace(second=0, microsecond=0), ())
    else:
        cursor = _decode_cursor(query.cursor, listing_hash, sort)
    conditions = build_conditions(principal, query, cursor.now, dialect=content.database.dialect)
    key = (
        "tasks",
        listing_hash,
        sorted(conditions.names),
        conditions.values,
        cursor.position or None,
        query.limit,
        query.fields,
        query.include_total,
    )
    read = partial(
        _read_page,
        principal=principal,
        query=query,
        sort=sort,
        cursor=cursor,
        conditions=conditions,
    )
    is_long = is_long_listing(conditions)
    return PreparedRead(key, partial(content.read, principal, read, is_long=is_long))


async def _read_page(
    reader: LongReader,
    *,
    principal: Principal,
    query: TaskListing,
    sort: tuple[SortKey, ...],
    cursor: _Cursor,
    conditions: Conditions,
) -> ListedTasks:
    read = partial(
        list_tasks,
        reader,
        sort=sort,
        after=cursor.position or None,
        limit=query.limit + 1,
        with_description=query.fields is not None and "description" in parse_fields(query.fields),
    )
    rows = await read(conditions)
    if not rows and query.q is not None:
        corrections = await find_corrections(
            reader, reader.dialect, principal.workspace_id, query.q
        )
        if corrections:
            conditions = build_conditions(
                principal, query, cursor.now, dialect=reader.dialect, corrections=corrections
            )
            rows = await read(conditions)
    next_cursor = None
    if len(rows) > query.limit:
        position = get_key(rows[query.limit - 1], sort)
        next_cursor = encode_text(msgspec.structs.replace(cursor, position=position))
    total = await count_tasks(reader, conditions) if query.include_total else None
    return ListedTasks(rows[: query.limit], next_cursor, total)


async def list_newest_tasks(
    content: ContentReader,
    principal: Principal,
    task_filter: TaskFilter,
    *,
    now: datetime,
    before: int | None,
    limit: int,
) -> list[SortedTaskRow]:
    """Return the matching tasks with the highest numbers, with descriptions.

    Args:
        content: the reader of workspace content.
        principal: the principal, with the workspace.
        task_filter: the filter.
        now: the current time, for relative filters.
        before: only tasks with a smaller number are returned.
        limit: maximum number of tasks.
    """
    conditions = build_conditions(principal, task_filter, now, dialect=content.database.dialect)
    read = partial(
        list_tasks,
        conditions=conditions,
        sort=_NEWEST_FIRST,
        after=None if before is None else (before,),
        limit=limit,
        with_description=True,
    )
    return await content.read(principal, read, is_long=is_long_listing(conditions))


def _hash_listing(query: TaskListing) -> str:
    """Return a short hash of filter and sort order.

    The page size and the selected fields are not part of it, so they may change between pages.
    """
    parameters = query.model_dump(
        exclude={"cursor", "limit", "fields", "include_total", "sort"}, exclude_defaults=True
    )
    encoded = msgspec.json.encode([query.effective_sort, sorted(parameters.items())])
    return hashlib.blake2b(encoded, digest_size=6).hexdigest()


def _decode_cursor(text: str, listing_hash: str, sort: tuple[SortKey, ...]) -> _Cursor:
    try:
        cursor = decode_text(text, _Cursor)
    except ValueError:
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
