"""Pacing: limits how many requests start in one iteration of the event loop, fairly by key.

Without pacing, a thousand requests that arrive together would start in the same iteration, and
every other request would wait for all of them.
"""

import asyncio
from collections.abc import Hashable

from taskstead.concurrency.fair_queue import FairQueue

# An iteration of the event loop takes a few microseconds, and the first step of a request takes
# about 300. With two requests per iteration, the overhead of iterations is about 1 % of the CPU
# time.
_QUEUED_PER_ITERATION = 2
# The limit is higher for a request that finds the queue of its key empty, so that a request of
# another key starts in the iteration in which it arrives.
_ALL_PER_ITERATION = 4


class Pacer:
    """Lets a few callers continue in each iteration of the event loop and queues the others.

    The queue is round-robin by key. If no other caller is active, there is no wait.

    Args:
        queued: how many queued callers continue in an iteration.
        limit: how many callers continue in an iteration in total, queued or not.

    Attributes:
        iteration: a number that changes with each iteration in which a caller has continued.
    """

    def __init__(
        self, queued: int = _QUEUED_PER_ITERATION, limit: int = _ALL_PER_ITERATION
    ) -> None:
        self.iteration = 0
        self._queued = queued
        self._limit = limit
        self._continued = 0
        self._waiters: FairQueue[asyncio.Future[None]] = FairQueue()

    @property
    def waiting(self) -> int:
        """The number of callers in the queue."""
        return self._waiters.length

    async def wait(self, key: Hashable = None) -> None:
        """Wait until the caller may continue."""
        loop = asyncio.get_running_loop()
        if self._continued < self._limit and key not in self._waiters:
            self._continued += 1
            if self._continued == 1:
                loop.call_soon(self._begin_iteration)
            return
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiters.push(key, waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            self._waiters.discard(key, waiter)
            raise

    def _begin_iteration(self) -> None:
        """Let the next callers continue."""
        self.iteration += 1
        self._continued = 0
        while self._waiters.length and self._continued < self._queued:
            waiter = self._waiters.pop()
            if not waiter.done():
                waiter.set_result(None)
                self._continued += 1
        if self._continued:
            asyncio.get_running_loop().call_soon(self._begin_iteration)
