"""Export of tasks as a file. The file is generated in chunks, so memory use is constant."""

from collections.abc import AsyncGenerator
from zoneinfo import ZoneInfo

from taskstead.db.database import LongReader
from taskstead.formats.csv import encode_csv_header
from taskstead.formats.registry import FileFormat, encode_rows
from taskstead.queries.tasks.chunks import walk_tasks
from taskstead.queries.tasks.filters import Conditions

EXPORT_CHUNK = 500


async def export_tasks(
    reader: LongReader, conditions: Conditions, kind: FileFormat, zone: ZoneInfo
) -> AsyncGenerator[bytes]:
    """Yield the file of all tasks that match the conditions, ordered by number.

    Each chunk is read in its own transaction. A task that exists during the whole export is in the
    file exactly once, with its values at the time when its chunk was read.

    Args:
        reader: the database connection to read from.
        conditions: the filter.
        kind: the file format.
        zone: the time zone in which todo.txt states days.
    """
    yield encode_csv_header() if kind == "csv" else b""
    async for rows in walk_tasks(reader, conditions, chunk=EXPORT_CHUNK):
        yield encode_rows(kind, rows, zone)
