"""Task listings: filter, search with spelling corrections, sort order and cursor.

The cursor of a page continues the listing on the next page. It is valid only with the same filter
and sort order.
"""

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from taskstead.db.database import LongReader
from taskstead.domain.filters.nodes import FilterWarning
from taskstead.domain.sorting import SortKey, parse_sort
from taskstead.domain.task_fields import parse_fields
from taskstead.formats.cursor import (
    CursorCodec,
    Decoder,
    decode_id,
    decode_integer,
    decode_optional,
    decode_text,
    decode_time,
)
from taskstead.queries.search import find_corrections
from taskstead.queries.tasks.filter_names import find_members, list_warnings
from taskstead.queries.tasks.filters import build_conditions, load_conditions
from taskstead.queries.tasks.listing import (
    complete_sort,
    count_tasks,
    get_key,
    list_tasks,
)
from taskstead.schemas.tasks.filters import TaskFilter
from taskstead.schemas.tasks.listing import TaskListing
from taskstead.services.context import PreparedRead, ReadContext
from taskstead.tables.tasks import SortedTaskRow

_NEWEST_FIRST = (SortKey("number", is_descending=True),)
_TIME_KEYS = {"created_at", "updated_at", "due_date", "completed_at"}
_OPTIONAL_KEYS = {"due_date", "completed_at"}
_NUMBER_KEYS = {"priority", "number", "relevance"}


class ListedTasks(NamedTuple):
    """One page of a task listing.

    Attributes:
        rows: the tasks in the sort order. They have descriptions only if these were requested.
        next_cursor: the cursor of the next page; None on the last page.
        total: the number of all matching tasks, if it was requested.
        warnings: the names in the text of the filter that do not exist.
    """

    rows: Sequence[SortedTaskRow]
    next_cursor: str | None
    total: int | None
    warnings: Sequence[FilterWarning]


async def prepare_listing(ctx: ReadContext, query: TaskListing) -> PreparedRead[ListedTasks]:
    """Prepare the read of a page of tasks.

    If a search finds no task, it is repeated with spelling corrections.

    Args:
        ctx: the context of the request.
        query: the filter, the sort order and the page. Relative filters such as "overdue" use the
            minute in which the first page was read.

    Raises:
        ValidationFailedError: the cursor is invalid or belongs to another listing.
    """
    sort = complete_sort(parse_sort(query.effective_sort))
    listing_hash = _hash_listing(query)
    # All pages use the time of the first page for relative filters, so it is part of the cursor.
    cursors = CursorCodec(f"tasks {listing_hash}", decode_time, *map(_choose_decoder, sort))
    now, *after = cursors.decode(query.cursor, ctx.minute)
    members = await find_members(ctx.database, ctx.principal, query.filter)
    build = partial(
        build_conditions, ctx.principal, query, now, dialect=ctx.database.dialect, members=members
    )
    conditions = build()
    key = (
        "task list",
        listing_hash,
        conditions.key,
        conditions.values,
        after,
        query.limit,
        query.fields,
        query.include_total,
        members,
    )

    has_description = query.fields is not None and "description" in parse_fields(query.fields)

    async def read_page(reader: LongReader) -> ListedTasks:
        read = partial(
            list_tasks,
            reader,
            sort=sort,
            after=tuple(after) or None,
            limit=query.limit + 1,
            with_description=has_description,
        )
        used_conditions = conditions
        rows = await read(conditions)
        if not rows and query.q is not None:
            corrections = await find_corrections(
                reader, reader.dialect, ctx.principal.workspace_id, query.q
            )
            if corrections:
                used_conditions = build(corrections=corrections)
                rows = await read(used_conditions)
        page = cursors.make_page(rows, query.limit, lambda row: (now, *get_key(row, sort)))
        total = await count_tasks(reader, used_conditions) if query.include_total else None
        warnings = await list_warnings(reader, ctx.principal.workspace_id, query.filter, members)
        return ListedTasks(page.rows, page.next_cursor, total, warnings)

    read = partial(ctx.read_content, read_page, is_long=conditions.is_long)
    return PreparedRead(key, read)


async def list_newest_tasks(
    ctx: ReadContext,
    task_filter: TaskFilter,
    *,
    before: int | None,
    limit: int,
) -> list[SortedTaskRow]:
    """Return the matching tasks with the highest numbers, with descriptions.

    Args:
        ctx: the context of the request.
        task_filter: the filter.
        before: only tasks with a smaller number are returned.
        limit: maximum number of tasks.
    """
    conditions = await load_conditions(ctx.database, ctx.principal, task_filter, ctx.now)
    read = partial(
        list_tasks,
        conditions=conditions,
        sort=_NEWEST_FIRST,
        after=None if before is None else (before,),
        limit=limit,
        with_description=True,
    )
    return await ctx.read_content(read, is_long=conditions.is_long)


def _hash_listing(query: TaskListing) -> str:
    """Return a short hash of filter and sort order.

    The page size and the selected fields are not part of it, so they may change between pages.
    """
    parameters = query.model_dump(
        exclude={"cursor", "limit", "fields", "include_total", "sort"}, exclude_defaults=True
    )
    parameters["deleted"] = query.effective_trash
    encoded = msgspec.json.encode([query.effective_sort, sorted(parameters.items())])
    return hashlib.blake2b(encoded, digest_size=6).hexdigest()


def _choose_decoder(key: SortKey) -> Decoder:
    """Return the decoder of the values of a sort key."""
    if key.name == "id":
        return decode_id
    if key.name in _NUMBER_KEYS:
        return decode_integer
    decode = decode_time if key.name in _TIME_KEYS else decode_text
    return decode_optional(decode) if key.name in _OPTIONAL_KEYS else decode
