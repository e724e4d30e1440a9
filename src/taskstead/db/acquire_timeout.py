"""Acquire timeout: how long a request waits in the queue for a connection or the write lock.

If the queue makes no progress, there is probably a fault. Its requests then fail soon, after the
stall timeout. If the queue makes progress, its requests may wait longer, because rejected clients
would retry and wait again at the end of the queue.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from taskstead.errors import DatabaseBusyError

# Number of checks within the stall timeout. A wait fails after this many checks in a row without
# progress. Checks are counted instead of the elapsed time, because the queue makes no progress
# while the process itself is suspended.
_CHECKS = 10


class AcquireTimeout:
    """Time limits of all waits in one queue.

    Args:
        wait_seconds: the stall timeout, that is, the maximum time without progress of the queue.
        queue_seconds: maximum wait while the queue makes progress.
        on_timeout: called with the error of each wait that has timed out.
    """

    def __init__(
        self,
        *,
        wait_seconds: float,
        queue_seconds: float,
        on_timeout: Callable[[DatabaseBusyError], None] | None = None,
    ) -> None:
        self._on_timeout = on_timeout
        self._wait_seconds = wait_seconds
        self._queue_seconds = max(wait_seconds, queue_seconds)
        self._progress_at = 0.0

    def note_progress(self) -> None:
        """Record progress of the queue. This resets the stall timer of all waiters."""
        self._progress_at = asyncio.get_running_loop().time()

    @asynccontextmanager
    async def limiting(self) -> AsyncGenerator[None]:
        """Limit the time of the block, which waits in the queue.

        Raises:
            DatabaseBusyError: the time limit was exceeded, and the block was cancelled.
        """
        loop = asyncio.get_running_loop()
        checked_at = began = loop.time()
        end = began + self._queue_seconds
        interval = self._wait_seconds / _CHECKS
        stalled_checks = 0
        timer: asyncio.TimerHandle

        def check() -> None:
            nonlocal checked_at, stalled_checks, timer
            now = loop.time()
            stalled_checks = 0 if self._progress_at > checked_at else stalled_checks + 1
            checked_at = now
            if stalled_checks < _CHECKS and now < end:
                timer = loop.call_at(min(now + interval, end), check)
            else:
                bound.reschedule(now)

        timer = loop.call_later(interval, check)
        bound = asyncio.timeout(None)
        try:
            async with bound:
                yield
        except TimeoutError:
            if bound.expired():
                error = DatabaseBusyError()
                if self._on_timeout is not None:
                    self._on_timeout(error)
                raise error from None
            raise
        finally:
            timer.cancel()
