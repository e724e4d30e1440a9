"""A log line when this process has no file descriptor left, and when it has one again.

The event loop then closes new connections at once or leaves them in the queue, and says nothing.
"""

import asyncio
import contextlib
import errno
import logging
import os
import resource
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

_LOOK_SECONDS = 1.0
_EXHAUSTED = (errno.EMFILE, errno.ENFILE)

logger = logging.getLogger("taskstead.telemetry")


@asynccontextmanager
async def descriptor_monitor() -> AsyncGenerator[None]:
    """Look once a second, as long as the block runs."""
    watching = asyncio.create_task(_watch())
    try:
        yield
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


async def _watch() -> None:
    was_exhausted = False
    while True:
        is_exhausted = _find_error() in _EXHAUSTED
        if is_exhausted and not was_exhausted:
            limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
            logger.error(
                "No file descriptor is free (the limit of this process is %d): new connections are "
                "not served. Raise the limit (`ulimit -n`, LimitNOFILE of systemd).",
                limit,
            )
        elif was_exhausted and not is_exhausted:
            logger.warning("File descriptors are free again: new connections are served.")
        was_exhausted = is_exhausted
        await asyncio.sleep(_LOOK_SECONDS)


def _find_error() -> int:
    """Open a file and close it; return the error number, 0 for none."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno or 0
    return 0
