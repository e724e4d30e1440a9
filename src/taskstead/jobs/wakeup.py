"""Signal that wakes the worker of this process when a job has been enqueued.

Workers of other processes notice the job at their next poll.
"""

import asyncio
import contextlib


class JobSignal:
    """Event that ends the worker's wait between two polls.

    Code that enqueues a job calls :meth:`notify` after the commit.
    """

    def __init__(self) -> None:
        self._event = asyncio.Event()

    @property
    def is_set(self) -> bool:
        """Whether :meth:`notify` was called since the last wait ended."""
        return self._event.is_set()

    def notify(self) -> None:
        """End the current wait, or make the next one return immediately."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Wait for a notification, at most for the given time."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        self._event.clear()
