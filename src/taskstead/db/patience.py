"""Acquire timeout: how long a request waits in the queue for a connection or the write lock.

A queue that makes no progress indicates a fault, so its requests fail soon (the stall timeout). A
queue that is moving is only long. Its requests may wait longer, because rejected clients would
retry and queue again at the end.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from taskstead.errors import DatabaseBusyError

# Number of checks within the stall timeout. A wait fails after so many checks in a row without
# progress. Elapsed time would not do: the queue cannot move while the process itself is suspended.
_CHECKS = 10


class AcquireTimeout:
    """Time limits of all waits in one queue.

    Args:
        wait_seconds: stall timeout: maximum time without progress of the queue.
        queue_seconds: maximum wait while the queue is moving.
        on_refusal: called with the error of each wait that has timed out.
    """

    def __init__(
        self,
        *,
        wait_seconds: float,
        queue_seconds: float,
        on_refusal: Callable[[DatabaseBusyError], None] | None = None,
    ) -> None:
        self._on_refusal = on_refusal
        self._wait_seconds = wait_seconds
        self._queue_seconds = max(wait_seconds, queue_seconds)
        self._moved_at = 0.0

    def note_move(self) -> None:
        """Record progress of the queue: resets the stall timer of all waiters."""
        self._moved_at = asyncio.get_running_loop().time()

    @asynccontextmanager
    async def bounding(self) -> AsyncGenerator[None]:
        """Limit the time of the block, which waits in the queue.

        Raises:
            DatabaseBusyError: the time limit was exceeded and the block cancelled.
        """
        loop = asyncio.get_running_loop()
        checked_at = began = loop.time()
        end = began + self._queue_seconds
        pause = self._wait_seconds / _CHECKS
        stalled_checks = 0
        timer: asyncio.TimerHandle

        def check() -> None:
            nonlocal checked_at, stalled_checks, timer
            now = loop.time()
            stalled_checks = 0 if self._moved_at > checked_at else stalled_checks + 1
            checked_at = now
            if stalled_checks < _CHECKS and now < end:
                timer = loop.call_at(min(now + pause, end), check)
            else:
                bound.reschedule(now)

        timer = loop.call_later(pause, check)
        bound = asyncio.timeout(None)
        try:
            async with bound:
                yield
        except TimeoutError:
            if bound.expired():
                error = DatabaseBusyError()
                if self._on_refusal is not None:
                    self._on_refusal(error)
                raise error from None
            raise
        finally:
            timer.cancel()
