"""What the server does by itself now and then, in each of its processes."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator

from taskstead.db.database import Database
from taskstead.services.trash_purge import purge_expired_trash

_FIRST_AFTER_SECONDS = 60.0
_EVERY_SECONDS = 3600.0

logger = logging.getLogger("taskstead.services")


@contextlib.asynccontextmanager
async def keep_house(
    database: Database,
    *,
    trash_days: int,
    first_after_seconds: float = _FIRST_AFTER_SECONDS,
    every_seconds: float = _EVERY_SECONDS,
) -> AsyncGenerator[None]:
    """Purge what has lain in a trash for so many days, as long as the block runs; 0 for never.

    Several processes may do so at once: what one has purged the others do not find.
    """
    if not trash_days:
        yield
        return
    task = asyncio.create_task(
        _purge_now_and_then(database, trash_days, first_after_seconds, every_seconds)
    )
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _purge_now_and_then(
    database: Database, trash_days: int, first_after_seconds: float, every_seconds: float
) -> None:
    await asyncio.sleep(first_after_seconds)
    while True:
        try:
            count = await purge_expired_trash(database, trash_days=trash_days)
        except Exception:
            # The database may be back at the next time.
            logger.exception("The trash could not be purged.")
        else:
            if count:
                logger.info("%s tasks had lain in the trash too long and were purged", count)
        await asyncio.sleep(every_seconds)
