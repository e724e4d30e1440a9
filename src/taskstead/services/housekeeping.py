"""What the server does by itself now and then, in each of its processes."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable

from taskstead.db.database import Database
from taskstead.services.idempotency import delete_expired_keys
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
    """Delete what nobody needs any more, as long as the block runs.

    That is what has lain in a trash for so many days (0 for never), and idempotency keys whose time
    is over. Several processes may do so at once: what one has deleted the others do not find.
    """
    task = asyncio.create_task(
        _do_now_and_then(database, trash_days, first_after_seconds, every_seconds)
    )
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _do_now_and_then(
    database: Database, trash_days: int, first_after_seconds: float, every_seconds: float
) -> None:
    await asyncio.sleep(first_after_seconds)
    while True:
        if trash_days:
            purge = purge_expired_trash(database, trash_days=trash_days)
            await _try_chore("%s tasks had lain in the trash too long and were purged", purge)
        await _try_chore("%s idempotency keys had expired", delete_expired_keys(database))
        await asyncio.sleep(every_seconds)


async def _try_chore(message: str, chore: Awaitable[int]) -> None:
    """Do it, and log the message with how many it was about, if any."""
    try:
        count = await chore
    except Exception:
        # The database may be back at the next time.
        logger.exception("A chore could not be done.")
    else:
        if count:
            logger.info(message, count)
