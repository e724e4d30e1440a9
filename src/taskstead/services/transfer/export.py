"""Export of tasks as a file. The file is generated in chunks, so memory use is constant."""

from collections.abc import AsyncGenerator
from zoneinfo import ZoneInfo

from taskstead.concurrency.cooperative import yield_chunks
from taskstead.formats.csv import encode_csv_header
from taskstead.formats.file_formats import FileFormat
from taskstead.formats.registry import encode_rows
from taskstead.queries.tasks.chunks import walk_tasks
from taskstead.queries.tasks.filters import load_conditions
from taskstead.schemas.tasks.filters import TaskFilter
from taskstead.services.context import ReadContext

EXPORT_CHUNK = 500
# Tasks that are encoded before the loop returns to the event loop. A rule takes up to 0.1 ms.
_PIECE = 50


async def export_tasks(
    ctx: ReadContext, task_filter: TaskFilter, kind: FileFormat
) -> AsyncGenerator[bytes]:
    """Yield the file of all tasks that match the filter, ordered by number, in one or more blocks.

    Each chunk is read in its own transaction. A task that exists during the whole export is in the
    file exactly once, with its values at the time when its chunk was read.

    Args:
        ctx: the context of the request.
        task_filter: the filter. todo.txt states days in its time zone.
        kind: the file format.
    """
    conditions = await load_conditions(ctx.database, ctx.principal, task_filter, ctx.now)
    zone = ZoneInfo(task_filter.time_zone or ctx.principal.time_zone)
    header = encode_csv_header() if kind == "csv" else b""
    is_empty = True
    async for rows in walk_tasks(ctx.get_content_reader(), conditions, chunk=EXPORT_CHUNK):
        pieces = [encode_rows(kind, piece, zone) async for piece in yield_chunks(rows, _PIECE)]
        block = b"".join(pieces)
        # The first block has tasks, so a failed read is noticed before any block is sent.
        yield header + block if is_empty else block
        is_empty = False
    if is_empty:
        yield header
