"""Export of tasks as a file. The file is generated in chunks, so memory use is constant."""

from collections.abc import AsyncGenerator
from datetime import datetime
from zoneinfo import ZoneInfo

from taskstead.domain.principal import Principal
from taskstead.formats.csv import encode_csv_header
from taskstead.formats.registry import FileFormat, encode_rows
from taskstead.queries.tasks.chunks import walk_tasks
from taskstead.queries.tasks.filters import build_conditions
from taskstead.schemas.tasks.filters import TaskFilter
from taskstead.services.content_reader import ContentReader

EXPORT_CHUNK = 500


async def export_tasks(
    content: ContentReader,
    principal: Principal,
    task_filter: TaskFilter,
    kind: FileFormat,
    *,
    now: datetime,
) -> AsyncGenerator[bytes]:
    """Yield the file of all tasks that match the filter, ordered by number, in one or more blocks.

    Each chunk is read in its own transaction. A task that exists during the whole export is in the
    file exactly once, with its values at the time when its chunk was read.

    Args:
        content: the reader of workspace content.
        principal: the principal, with the workspace. Its time zone is the default of the filter's.
        task_filter: the filter. todo.txt states days in its time zone.
        kind: the file format.
        now: the current time, which defines "today" and "overdue" in the filter.
    """
    conditions = build_conditions(principal, task_filter, now, dialect=content.database.dialect)
    zone = ZoneInfo(task_filter.time_zone or principal.time_zone)
    header = encode_csv_header() if kind == "csv" else b""
    is_empty = True
    async for rows in walk_tasks(content.get_reader(principal), conditions, chunk=EXPORT_CHUNK):
        block = encode_rows(kind, rows, zone)
        # The first block has tasks, so a failed read is noticed before any block is sent.
        yield header + block if is_empty else block
        is_empty = False
    if is_empty:
        yield header
