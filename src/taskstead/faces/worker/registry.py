"""Job registry: maps each kind of job to its handler, which runs one chunk of the job."""

from collections.abc import Awaitable, Callable

from taskstead.db.database import Database
from taskstead.jobs.queue import Job
from taskstead.services import housekeeping
from taskstead.services.tasks.bulk import process as bulk_process
from taskstead.services.transfer import imports

ChunkHandler = Callable[[Database, Job], Awaitable[bool]]
"""Runs the next chunk of a job and stores its progress in the same transaction.

Returns True when the job is finished.
"""

HANDLERS: dict[str, ChunkHandler] = {
    bulk_process.KIND: bulk_process.process_chunk,
    imports.KIND: imports.import_chunk,
    housekeeping.KIND: housekeeping.run_housekeeping,
    housekeeping.PURGE_KIND: housekeeping.purge_abandoned_workspaces,
}
