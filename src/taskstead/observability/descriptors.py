"""File descriptor monitor: logs when the process has no free file descriptors.

It also logs when there are free file descriptors again. The event loop logs neither. It only closes
new connections or leaves them in the listen queue.
"""

import asyncio
import contextlib
import errno
import logging
import os
import resource
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

_CHECK_SECONDS = 1.0
_EXHAUSTED = (errno.EMFILE, errno.ENFILE)

logger = logging.getLogger("taskstead.observability")


@asynccontextmanager
async def descriptor_monitor() -> AsyncGenerator[None]:
    """Check for free file descriptors once a second for the duration of the block."""
    monitor = asyncio.create_task(_monitor())
    try:
        yield
    finally:
        monitor.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await monitor


async def _monitor() -> None:
    was_exhausted = False
    while True:
        is_exhausted = _try_open() in _EXHAUSTED
        if is_exhausted and not was_exhausted:
            limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
            logger.error(
                "The process has no free file descriptors (limit: %d) and cannot accept "
                "connections. Raise the limit (`ulimit -n`, LimitNOFILE of systemd).",
                limit,
            )
        elif was_exhausted and not is_exhausted:
            logger.warning("The process has free file descriptors again and accepts connections.")
        was_exhausted = is_exhausted
        await asyncio.sleep(_CHECK_SECONDS)


def _try_open() -> int:
    """Open and close a file; return the error number (``errno``), or 0 if this succeeds."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno or 0
    return 0
