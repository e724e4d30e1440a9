"""Lists the past and future occurrences of repeating tasks."""

import asyncio
from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from taskstead.db.database import LongReader
from taskstead.domain.recurrence.local_times import get_occurrence_id
from taskstead.domain.recurrence.rules import RuleError
from taskstead.domain.recurrence.series import Occurrence, Series, iterate_next
from taskstead.domain.recurrence.validation import check_rule
from taskstead.errors import FieldError, ValidationFailedError
from taskstead.formats.cursor import AFTER_ALL_TIMES, CursorCodec, Page, decode_id, decode_time
from taskstead.ids import AFTER_ALL_IDS
from taskstead.queries.tasks.occurrences import list_ended_occurrences
from taskstead.queries.tasks.tasks import get_task
from taskstead.schemas.tasks.repeats import RepeatPreview
from taskstead.services.context import ReadContext
from taskstead.services.tasks.repeats.endings import make_series
from taskstead.tables.occurrences import OccurrenceRow


class Upcoming(NamedTuple):
    """Future occurrences of a task, and the time zone of their due dates."""

    occurrences: Sequence[Occurrence]
    time_zone: str | None


async def read_ended_occurrences(
    ctx: ReadContext, reference: str, *, cursor: str | None, limit: int
) -> Page[OccurrenceRow]:
    """Return a page of the past occurrences of a task, the most recent first.

    Raises:
        NotFoundError: there is no such task.
        ValidationFailedError: the cursor is invalid.
    """

    async def read(reader: LongReader) -> Page[OccurrenceRow]:
        task = await get_task(reader, ctx.principal.workspace_id, reference)
        cursors = CursorCodec(f"occurrences {task['id']}", decode_time, decode_id)
        ended_at, id_ = cursors.decode(cursor, AFTER_ALL_TIMES, AFTER_ALL_IDS)
        rows = await list_ended_occurrences(
            reader,
            ctx.principal.workspace_id,
            task["id"],
            before=(ended_at, id_),
            limit=limit + 1,
        )
        return cursors.make_page(rows, limit, lambda row: (row["ended_at"], row["id"]))

    return await ctx.read_content(read)


async def read_upcoming_occurrences(ctx: ReadContext, reference: str, count: int) -> Upcoming:
    """Return the next occurrences of a task after its current one.

    There are none if the task does not repeat, or is done or cancelled.

    Raises:
        NotFoundError: there is no such task.
    """
    read = partial(get_task, workspace_id=ctx.principal.workspace_id, reference=reference)
    task = await ctx.read_content(read)
    zone = task["due_time_zone"]
    if task["repeat_rule"] is None or task["status"] in ("done", "cancelled"):
        return Upcoming([], zone)
    occurrences = await _list_next(ctx, make_series(task), count)
    return Upcoming(occurrences, zone)


async def _list_next(ctx: ReadContext, series: Series, count: int) -> list[Occurrence]:
    """Return the next occurrences.

    Other requests are served between them, because a rare rule may take milliseconds for each.
    """
    found = []
    zone = ZoneInfo(ctx.principal.time_zone)
    for occurrence in islice(iterate_next(series, ctx.now, zone), count):
        found.append(occurrence)
        await asyncio.sleep(0)
    return found


async def preview_repeat(ctx: ReadContext, preview: RepeatPreview) -> list[Occurrence]:
    """Return the first occurrences of a rule, beginning with the due date.

    Raises:
        ValidationFailedError: the rule does not fit the due date, or has no occurrence.
    """
    due_date, zone = preview.due_date, preview.due_time_zone
    try:
        check_rule(preview.repeat_rule, due_date, zone)
    except RuleError as error:
        field_error = FieldError("/repeat_rule", error.message, error.code)
        raise ValidationFailedError(error.message, errors=[field_error]) from None
    first = get_occurrence_id(due_date, zone)
    series = Series(
        rule=preview.repeat_rule,
        mode=preview.repeat_mode or "schedule",
        start=due_date,
        due_date=due_date,
        due_time_zone=zone,
        at=first,
        gone=0,
        exceptions=tuple(preview.repeat_except),
    )
    following = await _list_next(ctx, series, preview.count - 1)
    return [Occurrence(due_date, first, 0), *following]
