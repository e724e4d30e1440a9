"""Which function does which kind of job, chunk by chunk."""

from collections.abc import Awaitable, Callable

from taskstead.db.database import Database
from taskstead.jobs.queue import Job
from taskstead.services import bulk_process, housekeeping, imports

Step = Callable[[Database, Job], Awaitable[bool]]
"""Does the next chunk of a job in a transaction that stores its progress too; True at the end."""

KINDS: dict[str, Step] = {
    bulk_process.KIND: bulk_process.process_chunk,
    imports.KIND: imports.import_chunk,
    housekeeping.KIND: housekeeping.run_housekeeping,
    housekeeping.PURGE_KIND: housekeeping.purge_abandoned,
}
