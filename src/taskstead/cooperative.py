"""Long work in pieces, so that everybody else gets a turn of the event loop in between.

A turn costs a microsecond; a piece is meant to take a few milliseconds at most.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")

# How many rows, or what costs as much, are worked on between two turns.
PIECE = 100


async def yield_every(items: Iterable[Item]) -> AsyncGenerator[Item]:
    """Yield the items, and give the others a turn after each piece."""
    left = PIECE
    for item in items:
        if not left:
            await asyncio.sleep(0)
            left = PIECE
        left -= 1
        yield item


async def yield_chunks(items: Sequence[Item]) -> AsyncGenerator[Sequence[Item]]:
    """Yield the items piece by piece, and give the others a turn after each."""
    for start in range(0, len(items), PIECE):
        if start:
            await asyncio.sleep(0)
        yield items[start : start + PIECE]
