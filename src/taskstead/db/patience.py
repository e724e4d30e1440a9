"""How long to wait in a queue for the database: for as long as it moves, within a bound.

A queue that stands still tells of trouble, and whoever waits there is better told soon. One that
moves is only long: sending its clients away has them come again, to its end.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from taskstead.errors import DatabaseBusyError

# A wait is looked at so many times. What counts is how often nothing had moved, and not the clock:
# while the process itself was held up, the queue had no chance to move.
_LOOKS = 10


class AcquireTimeout:
    """The bounds of all waits in one queue.

    Args:
        wait_seconds: how long it may stand still.
        queue_seconds: the longest wait while it moves.
        on_refusal: is called with the error of each wait that was too long.
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
        """Say that somebody has been served, so that the others may hope."""
        self._moved_at = asyncio.get_running_loop().time()

    @asynccontextmanager
    async def bounding(self) -> AsyncGenerator[None]:
        """Bound the wait that the block is.

        Raises:
            DatabaseBusyError: it was too long; the block has been cancelled.
        """
        loop = asyncio.get_running_loop()
        looked_at = began = loop.time()
        end = began + self._queue_seconds
        pause = self._wait_seconds / _LOOKS
        still = 0
        timer: asyncio.TimerHandle

        def look() -> None:
            nonlocal looked_at, still, timer
            now = loop.time()
            still = 0 if self._moved_at > looked_at else still + 1
            looked_at = now
            if still < _LOOKS and now < end:
                timer = loop.call_at(min(now + pause, end), look)
            else:
                bound.reschedule(now)

        timer = loop.call_later(pause, look)
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
