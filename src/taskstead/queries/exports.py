"""Tasks as the bytes of a file, chunk by chunk, in constant memory."""

from collections.abc import AsyncGenerator
from zoneinfo import ZoneInfo

from taskstead.db.database import LongReader
from taskstead.queries.task_chunks import walk_tasks
from taskstead.queries.task_filters import Conditions
from taskstead.schemas.transfer_csv import encode_csv_head
from taskstead.schemas.transfer_formats import FileFormat, encode_rows

EXPORT_CHUNK = 500


async def export_tasks(
    reader: LongReader, conditions: Conditions, kind: FileFormat, zone: ZoneInfo
) -> AsyncGenerator[bytes]:
    """Give a file of all tasks that meet the conditions, by number.

    Each chunk is read by itself: a task that is there all the while is in the file exactly once, as
    it was when its chunk was read.

    Args:
        reader: where.
        conditions: which tasks.
        kind: the format.
        zone: where the days of todo.txt begin.
    """
    yield encode_csv_head() if kind == "csv" else b""
    async for rows in walk_tasks(reader, conditions, chunk=EXPORT_CHUNK):
        yield encode_rows(kind, rows, zone)
