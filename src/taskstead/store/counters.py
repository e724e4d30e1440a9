"""Counters that are forgotten after a time: in this process, or in Redis for all processes.

What is counted, and how far, is not decided here but in ``http/rate_limits.py``.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from taskstead.clock import get_now

Answer = TypeVar("Answer")

# How long Redis may take, and after how long it is asked again when it could not be reached.
_REDIS_SECONDS = 0.5
_RETRY_SECONDS = 2.0
# More at once wait here, and find out together when Redis is gone.
_REDIS_CONNECTIONS = 32
_PREFIX = "taskstead:counter"

logger = logging.getLogger("taskstead.store")


class Counters(Protocol):
    """Counts by key. None of it raises: who cannot count in common counts alone."""

    async def add_one(self, key: str, seconds: int) -> int:
        """Count one more; return the count, which is forgotten so long after its first."""

    async def get_seconds_left(self, key: str) -> float:
        """Return after how many seconds a count will be forgotten; 0 where there is none."""

    async def forget(self, key: str) -> None:
        """Begin again at nought."""

    async def is_well(self) -> bool:
        """Tell whether the counts are kept where they should be."""

    async def close(self) -> None:
        """Let go of connections."""


class MemoryCounters:
    """Counters of this process.

    Not those of ``limits``: with 10,000 keys each of its hits takes 90 microseconds, since it looks
    through all keys for what is to be forgotten. Here that is done whenever twice as many have come
    together, and never are there more than ``most``: the oldest go.
    """

    def __init__(self, *, most: int = 200_000) -> None:
        self._most = most
        self._counts: dict[str, tuple[int, float]] = {}
        self._tidy_at = min(1024, most)

    async def add_one(self, key: str, seconds: int) -> int:
        """Count one more."""
        now = time.monotonic()
        count, end = self._counts.get(key, (0, 0.0))
        if end <= now:
            if len(self._counts) >= self._tidy_at:
                self._tidy(now)
            count, end = 0, now + seconds
        self._counts[key] = (count + 1, end)
        return count + 1

    async def get_seconds_left(self, key: str) -> float:
        """Return after how many seconds a count will be forgotten."""
        _, end = self._counts.get(key, (0, 0.0))
        return max(0.0, end - time.monotonic())

    async def forget(self, key: str) -> None:
        """Begin again at nought."""
        self._counts.pop(key, None)

    async def is_well(self) -> bool:
        """Tell that there is nothing that could be ill."""
        return True

    async def close(self) -> None:
        """Do nothing."""

    def _tidy(self, now: float) -> None:
        left = [(key, value) for key, value in self._counts.items() if value[1] > now]
        self._counts = dict(left[-self._most // 2 :])
        self._tidy_at = min(self._most, max(1024, 2 * len(self._counts)))


class RedisCounters:
    """Counters in Redis (or Valkey), one round trip each, for all processes that use it.

    While it cannot be reached, this process counts for itself, and asks again every two seconds.

    Args:
        url: ``redis://`` or ``rediss://``.
    """

    def __init__(self, url: str) -> None:
        # Imported here, since most servers need neither.
        from limits.aio.storage import RedisStorage  # noqa: PLC0415
        from redis.asyncio import ConnectionPool  # noqa: PLC0415
        from redis.asyncio.retry import Retry  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.exceptions import RedisError  # noqa: PLC0415

        pool: Any = ConnectionPool.from_url(
            url,
            socket_timeout=_REDIS_SECONDS,
            socket_connect_timeout=_REDIS_SECONDS,
            # Once more and at once: a connection may be left from before a restart of Redis.
            retry=Retry(NoBackoff(), 1),
        )
        self._pool = pool
        self._redis = RedisStorage(
            f"async+{url}",
            implementation="redispy",
            key_prefix=_PREFIX,
            connection_pool=pool,
        )
        self._troubles = (RedisError, OSError, TimeoutError)
        self._alone = MemoryCounters()
        self._places = asyncio.Semaphore(_REDIS_CONNECTIONS)
        self._is_reachable = True
        self._ask_again_at = 0.0
        self._check: asyncio.Task[bool] | None = None

    async def add_one(self, key: str, seconds: int) -> int:
        """Count one more."""
        return await self._ask(
            lambda: self._redis.incr(key, seconds), lambda: self._alone.add_one(key, seconds)
        )

    async def get_seconds_left(self, key: str) -> float:
        """Return after how many seconds a count will be forgotten."""

        async def ask_redis() -> float:
            return max(0.0, await self._redis.get_expiry(key) - get_now().timestamp())

        return await self._ask(ask_redis, lambda: self._alone.get_seconds_left(key))

    async def forget(self, key: str) -> None:
        """Begin again at nought."""
        await self._alone.forget(key)
        await self._ask(lambda: self._redis.clear(key), lambda: self._alone.forget(key))

    async def is_well(self) -> bool:
        """Ask Redis, and tell whether it answers.

        Of many at once one asks: anybody may ask for the server's health, and while Redis is silent
        they would take all places from those who count.
        """
        if self._check is None or self._check.done():
            self._check = asyncio.create_task(self._ask_whether_well())
        return await asyncio.shield(self._check)

    async def _ask_whether_well(self) -> bool:
        async def say_no() -> bool:
            return False

        async def ask_redis() -> bool:
            await self._redis.get("")
            return True

        self._ask_again_at = 0.0
        return await self._ask(ask_redis, say_no)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._pool.disconnect()

    async def _ask(
        self,
        ask_redis: Callable[[], Awaitable[Answer]],
        do_alone: Callable[[], Awaitable[Answer]],
    ) -> Answer:
        async with self._places:
            if not self._is_reachable:
                if time.monotonic() < self._ask_again_at:
                    return await do_alone()
                # This one tries; the others need not wait for how it goes.
                self._ask_again_at = time.monotonic() + _RETRY_SECONDS
            try:
                answer = await ask_redis()
            except self._troubles as error:
                self._note(is_reachable=False, why=type(error).__name__)
                return await do_alone()
            self._note(is_reachable=True)
            return answer

    def _note(self, *, is_reachable: bool, why: str = "") -> None:
        if not is_reachable:
            self._ask_again_at = time.monotonic() + _RETRY_SECONDS
        if is_reachable == self._is_reachable:
            return
        self._is_reachable = is_reachable
        if is_reachable:
            logger.info("Redis is back: limits hold for all processes together.")
        else:
            logger.warning("Redis cannot be reached (%s): limits hold for each process.", why)


def open_counters(redis_url: str | None) -> Counters:
    """Make the counters that the setting ``redis_url`` asks for."""
    return MemoryCounters() if redis_url is None else RedisCounters(redis_url)
