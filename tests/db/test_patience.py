"""A queue for the database is waited in while it moves, and never for ever."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from taskstead.db.patience import AcquireTimeout
from taskstead.errors import DatabaseBusyError

WAIT_SECONDS = 0.1


@asynccontextmanager
async def moving(patience: AcquireTimeout) -> AsyncIterator[None]:
    """Have others served all the time, for the length of the block."""

    async def move() -> None:
        while True:
            patience.note_move()
            await asyncio.sleep(WAIT_SECONDS / 20)

    mover = asyncio.create_task(move())
    try:
        yield
    finally:
        mover.cancel()
        await asyncio.wait([mover])


async def test_a_queue_that_stands_still_is_left_soon() -> None:
    patience = AcquireTimeout(wait_seconds=WAIT_SECONDS, queue_seconds=3600)
    with pytest.raises(DatabaseBusyError):
        async with patience.bounding():
            await asyncio.Event().wait()


async def test_a_queue_that_moves_is_waited_in_for_longer() -> None:
    patience = AcquireTimeout(wait_seconds=WAIT_SECONDS, queue_seconds=3600)
    async with moving(patience), patience.bounding():
        await asyncio.sleep(4 * WAIT_SECONDS)


async def test_no_queue_is_waited_in_for_ever() -> None:
    patience = AcquireTimeout(wait_seconds=WAIT_SECONDS, queue_seconds=2 * WAIT_SECONDS)
    async with moving(patience):
        with pytest.raises(DatabaseBusyError):
            async with patience.bounding():
                await asyncio.Event().wait()


async def test_an_error_of_the_block_stays_what_it_is() -> None:
    patience = AcquireTimeout(wait_seconds=WAIT_SECONDS, queue_seconds=3600)
    with pytest.raises(TimeoutError):
        async with patience.bounding():
            raise TimeoutError


async def test_a_process_that_is_held_up_has_not_waited() -> None:
    patience = AcquireTimeout(wait_seconds=WAIT_SECONDS, queue_seconds=3600)
    is_served = asyncio.Event()
    asyncio.get_running_loop().call_later(WAIT_SECONDS / 2, is_served.set)
    async with patience.bounding():
        await asyncio.sleep(0)
        time.sleep(2 * WAIT_SECONDS)  # noqa: ASYNC251 - the loop is to stand still
        # Whoever would have been next is next now.
        await asyncio.sleep(WAIT_SECONDS / 20)
        await is_served.wait()
