"""Cooperative yielding: iteration that returns to the event loop after every ``PIECE`` items.

Long loops use it so that other requests are served between two pieces. A yield costs about a
microsecond; processing one piece should take a few milliseconds at most.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")

# Rows, or items of similar cost, that are processed between two yields to the event loop.
PIECE = 100


async def yield_every(items: Iterable[Item]) -> AsyncGenerator[Item]:
    """Yield the items one by one; return to the event loop after every ``PIECE`` items."""
    left = PIECE
    for item in items:
        if not left:
            await asyncio.sleep(0)
            left = PIECE
        left -= 1
        yield item


async def yield_chunks(items: Sequence[Item]) -> AsyncGenerator[Sequence[Item]]:
    """Yield the items in pieces; return to the event loop after each piece."""
    for start in range(0, len(items), PIECE):
        if start:
            await asyncio.sleep(0)
        yield items[start : start + PIECE]
