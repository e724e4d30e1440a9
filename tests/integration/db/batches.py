"""Test helpers that form batches of SQLite's group commit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import Executable

from taskstead.db.database import Database
from tests.harness.untyped import Row
from tests.integration.db.things import (
    write,
)


class _OverError(Exception):
    """Rolls back the transaction that has blocked the writers."""


@asynccontextmanager
async def writers_blocked(database: Database) -> AsyncIterator[None]:
    """Hold the write lock during the block, in a transaction that is then rolled back."""
    async with asyncio.TaskGroup() as group:
        is_taken, is_over = asyncio.Event(), asyncio.Event()

        async def keep() -> None:
            # The transaction fails, so it does not wait for its batch.
            with suppress(_OverError):
                async with database.transaction():
                    is_taken.set()
                    await is_over.wait()
                    raise _OverError

        group.create_task(keep())
        await is_taken.wait()
        try:
            yield
        finally:
            is_over.set()


async def gather_batch(
    database: Database, *steps: tuple[Executable, Row]
) -> list[BaseException | None]:
    """Run each step in its own transaction, all in one batch."""
    async with writers_blocked(database):
        tasks = [asyncio.create_task(write(database, step)) for step in steps]
        # A batch stays open while other transactions wait for the write lock.
        await asyncio.sleep(0.01)
    return await asyncio.gather(*tasks, return_exceptions=True)


def list_types(results: list[BaseException | None]) -> list[type]:
    return [type(result) for result in results]
