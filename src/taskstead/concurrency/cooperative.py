"""Cooperative yielding: iteration that returns to the event loop after every ``PIECE`` items.

Long loops use it, so that other requests are served between two pieces. Returning to the event loop
takes about a microsecond. Processing one piece should take at most a few milliseconds.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")

# Number of items that are processed before the loop returns to the event loop.
PIECE = 100


async def yield_every(items: Iterable[Item]) -> AsyncGenerator[Item]:
    """Yield the items one by one; return to the event loop after every ``PIECE`` items."""
    remaining = PIECE
    for item in items:
        if not remaining:
            await asyncio.sleep(0)
            remaining = PIECE
        remaining -= 1
        yield item


async def yield_chunks(items: Sequence[Item], size: int) -> AsyncGenerator[Sequence[Item]]:
    """Yield the items in chunks of this size; return to the event loop after each chunk."""
    for start in range(0, len(items), size):
        if start:
            await asyncio.sleep(0)
        yield items[start : start + size]
