"""A read that takes long leaves the event loop to others."""

import asyncio
from pathlib import Path

from sqlalchemy import Select, func, literal, select

from taskstead.db.opening import open_database


def count_to(number: int) -> Select[int]:
    """Select a number, the long way."""
    numbers = select(literal(1).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < number))
    return select(func.count().label("count")).select_from(numbers)


async def test_a_long_read_leaves_the_loop_to_others(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path / 'x.db'}", pool_size=1, wait_seconds=5)
    statement = count_to(1_000_000)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1

    ticker = asyncio.create_task(tick())
    try:
        assert await database.fetch_one(statement, {}) == {"count": 1_000_000}
        # Inline it would have been none; the read takes far more than ten milliseconds anywhere.
        assert ticks >= 5
        assert await database.fetch_all(statement, {}, is_long=True) == [{"count": 1_000_000}]
    finally:
        ticker.cancel()
        await database.close()
