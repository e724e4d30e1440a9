"""Counting the turns of the event loop, and what is done between two of them."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import FrameType


class Turns:
    """How often the event loop has come round.

    Attributes:
        count: how often.
        most_calls: of functions, Python's and C's, between one time and the next.
    """

    def __init__(self) -> None:
        self.count = 0
        self.most_calls = 0
        self._calls = 0

    async def wait_until(self, check: Callable[[], bool]) -> None:
        """Count until it is true."""
        while not check():
            self.count += 1
            self.most_calls = max(self.most_calls, self._calls)
            self._calls = 0
            await asyncio.sleep(0)

    def note(self, frame: FrameType, event: str, argument: object) -> None:
        """Take what Python tells a profiler."""
        del frame, argument
        self._calls += event in ("call", "c_call")


@asynccontextmanager
async def counting_turns() -> AsyncIterator[Turns]:
    """Count the turns of the event loop until the end of the block."""
    turns = Turns()
    spinning = asyncio.create_task(turns.wait_until(lambda: False))
    await asyncio.sleep(0)
    before = sys.getprofile()
    sys.setprofile(turns.note)
    try:
        yield turns
    finally:
        sys.setprofile(before)
        spinning.cancel()
