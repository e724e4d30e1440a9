"""Acquire timeout: a short limit while the queue is blocked, a longer one while it moves."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from taskstead.db.acquire_timeout import AcquireTimeout
from taskstead.errors import DatabaseBusyError

WAIT_SECONDS = 0.1


@asynccontextmanager
async def progressing(acquire_timeout: AcquireTimeout) -> AsyncIterator[None]:
    """Record progress of the queue repeatedly during the block."""

    async def record_progress() -> None:
        while True:
            acquire_timeout.note_progress()
            await asyncio.sleep(WAIT_SECONDS / 20)

    mover = asyncio.create_task(record_progress())
    try:
        yield
    finally:
        mover.cancel()
        await asyncio.wait([mover])


async def test_blocked_queue_times_out_soon() -> None:
    acquire_timeout = AcquireTimeout(wait_seconds=WAIT_SECONDS, queue_seconds=3600)
    with pytest.raises(DatabaseBusyError):
        async with acquire_timeout.limiting():
            await asyncio.Event().wait()


async def test_moving_queue_is_waited_for_longer() -> None:
    acquire_timeout = AcquireTimeout(wait_seconds=WAIT_SECONDS, queue_seconds=3600)
    async with progressing(acquire_timeout), acquire_timeout.limiting():
        await asyncio.sleep(4 * WAIT_SECONDS)


async def test_moving_queue_times_out_at_the_upper_limit() -> None:
    acquire_timeout = AcquireTimeout(wait_seconds=WAIT_SECONDS, queue_seconds=2 * WAIT_SECONDS)
    async with progressing(acquire_timeout):
        with pytest.raises(DatabaseBusyError):
            async with acquire_timeout.limiting():
                await asyncio.Event().wait()


async def test_timeout_error_of_the_block_is_not_converted() -> None:
    acquire_timeout = AcquireTimeout(wait_seconds=WAIT_SECONDS, queue_seconds=3600)
    with pytest.raises(TimeoutError):
        async with acquire_timeout.limiting():
            raise TimeoutError


async def test_time_of_a_blocked_process_does_not_count() -> None:
    acquire_timeout = AcquireTimeout(wait_seconds=WAIT_SECONDS, queue_seconds=3600)
    is_served = asyncio.Event()
    asyncio.get_running_loop().call_later(WAIT_SECONDS / 2, is_served.set)
    async with acquire_timeout.limiting():
        await asyncio.sleep(0)
        time.sleep(2 * WAIT_SECONDS)  # noqa: ASYNC251 - blocks the loop deliberately
        # The request that was first in the queue is still first.
        await asyncio.sleep(WAIT_SECONDS / 20)
        await is_served.wait()
