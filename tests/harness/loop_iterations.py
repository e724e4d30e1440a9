"""Counts iterations of the event loop, and the function calls between two of them."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import FrameType


class LoopIterations:
    """The iterations of the event loop.

    Attributes:
        count: the number of iterations.
        max_calls: the largest number of calls of Python and C functions in one iteration.
    """

    def __init__(self) -> None:
        self.count = 0
        self.max_calls = 0
        self._calls = 0

    async def wait_until(self, check: Callable[[], bool]) -> None:
        """Count iterations until the condition is true."""
        while not check():
            self.count += 1
            self.max_calls = max(self.max_calls, self._calls)
            self._calls = 0
            await asyncio.sleep(0)

    def profile(self, frame: FrameType, event: str, argument: object) -> None:
        """Receive an event of Python's profiler."""
        del frame, argument
        self._calls += event in ("call", "c_call")


@asynccontextmanager
async def counting_iterations() -> AsyncIterator[LoopIterations]:
    """Count the iterations of the event loop during the block."""
    iterations = LoopIterations()
    counting = asyncio.create_task(iterations.wait_until(lambda: False))
    await asyncio.sleep(0)
    before = sys.getprofile()
    sys.setprofile(iterations.profile)
    try:
        yield iterations
    finally:
        sys.setprofile(before)
        counting.cancel()
