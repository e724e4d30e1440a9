"""Expiring counters for rate limits: in this process, or in Redis for all processes.

``http/rate_limits.py`` defines the limits.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

Result = TypeVar("Result")

# Timeout of a call to Redis.
_REDIS_SECONDS = 0.5
# While Redis is unreachable, it is tried again after this time.
_RETRY_SECONDS = 2.0
# Maximum number of concurrent calls to Redis. When Redis becomes unreachable, the calls that wait
# for one of these slots use the fallback immediately.
_REDIS_CONNECTIONS = 32
# Minimum number of counters in memory before expired ones are deleted.
_MIN_PURGE_COUNT = 1024
_PREFIX = "taskstead:counter"

logger = logging.getLogger("taskstead.ratelimit")


class Counters(Protocol):
    """Expiring counters by key.

    Methods do not raise. While Redis is unavailable, each process counts separately.
    """

    async def increment(self, key: str, seconds: int) -> int:
        """Increment and return a counter. It expires ``seconds`` after its first increment."""

    async def get_ttl(self, key: str) -> float:
        """Return the seconds until a counter expires; 0 if it does not exist."""

    async def reset(self, key: str) -> None:
        """Delete a counter."""

    async def is_available(self) -> bool:
        """Return whether the storage of the counters is available."""

    async def close(self) -> None:
        """Close the connections."""


class MemoryCounters:
    """Counters in the memory of this process.

    The library ``limits`` searches all keys for expired ones at each increment, which takes 90
    microseconds with 10,000 keys. This class searches them only when the number of keys has doubled
    since the last search.

    Args:
        max_counters: maximum number of counters. A search keeps at most half of them, so that the
            next search is not due immediately. The counters that were created first are deleted.
    """

    def __init__(self, *, max_counters: int = 200_000) -> None:
        self._max_counters = max_counters
        self._counts: dict[str, tuple[int, float]] = {}
        self._purge_count = min(_MIN_PURGE_COUNT, max_counters)

    async def increment(self, key: str, seconds: int) -> int:
        """Increment and return a counter."""
        now = time.monotonic()
        count, end = self._counts.get(key, (0, 0.0))
        if end <= now:
            if len(self._counts) >= self._purge_count:
                self._delete_expired(now)
            count, end = 0, now + seconds
        self._counts[key] = (count + 1, end)
        return count + 1

    async def get_ttl(self, key: str) -> float:
        """Return the seconds until a counter expires."""
        _, end = self._counts.get(key, (0, 0.0))
        return max(0.0, end - time.monotonic())

    async def reset(self, key: str) -> None:
        """Delete a counter."""
        self._counts.pop(key, None)

    async def is_available(self) -> bool:
        """Return True: memory is always available."""
        return True

    async def close(self) -> None:
        """Do nothing, because there is no connection."""

    def _delete_expired(self, now: float) -> None:
        current = [(key, value) for key, value in self._counts.items() if value[1] > now]
        self._counts = dict(current[-self._max_counters // 2 :])
        doubled = max(_MIN_PURGE_COUNT, 2 * len(self._counts))
        self._purge_count = min(self._max_counters, doubled)


class RedisCounters:
    """Counters in Redis or Valkey, shared by processes. Each call takes one round trip.

    While Redis is unreachable, the process counts in its own memory and retries every two seconds.

    Args:
        url: the URL of Redis, ``redis://…`` or ``rediss://…``.
    """

    def __init__(self, url: str) -> None:
        # Imported here because most servers do not use Redis.
        from limits.aio.storage import RedisStorage  # noqa: PLC0415
        from redis.asyncio import ConnectionPool  # noqa: PLC0415
        from redis.asyncio.retry import Retry  # noqa: PLC0415
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.exceptions import RedisError  # noqa: PLC0415

        pool: Any = ConnectionPool.from_url(
            url,
            socket_timeout=_REDIS_SECONDS,
            socket_connect_timeout=_REDIS_SECONDS,
            # One immediate retry, for connections that were opened before a restart of Redis.
            retry=Retry(NoBackoff(), 1),
        )
        self._pool = pool
        self._redis = RedisStorage(
            f"async+{url}",
            implementation="redispy",
            key_prefix=_PREFIX,
            connection_pool=pool,
        )
        self._redis_errors = (RedisError, OSError, TimeoutError)
        self._fallback = MemoryCounters()
        self._slots = asyncio.Semaphore(_REDIS_CONNECTIONS)
        self._is_reachable = True
        self._retry_at = 0.0
        self._check: asyncio.Task[bool] | None = None

    async def increment(self, key: str, seconds: int) -> int:
        """Increment and return a counter."""
        return await self._call_redis(
            lambda: self._redis.incr(key, seconds), lambda: self._fallback.increment(key, seconds)
        )

    async def get_ttl(self, key: str) -> float:
        """Return the seconds until a counter expires."""

        async def use_redis() -> float:
            # ``get_expiry`` returns a time of the machine's clock. The TTL itself is needed.
            bridge: Any = self._redis.bridge
            seconds: float = await bridge.get_connection().ttl(bridge.prefixed_key(key))
            return max(0.0, seconds)

        return await self._call_redis(use_redis, lambda: self._fallback.get_ttl(key))

    async def reset(self, key: str) -> None:
        """Delete a counter."""
        await self._fallback.reset(key)
        await self._call_redis(lambda: self._redis.clear(key), lambda: self._fallback.reset(key))

    async def is_available(self) -> bool:
        """Return whether Redis responds.

        Concurrent callers share one check. Anyone can call the health check of the server. Without
        sharing, many calls could occupy all slots of the counters while Redis does not respond.
        """
        if self._check is None or self._check.done():
            self._check = asyncio.create_task(self._ping())
        return await asyncio.shield(self._check)

    async def _ping(self) -> bool:
        async def return_false() -> bool:
            return False

        async def use_redis() -> bool:
            # The storage has no method to ping Redis, so read a key that does not exist.
            await self._redis.get("")
            return True

        # Try Redis now, even if its last failure is recent.
        self._retry_at = 0.0
        return await self._call_redis(use_redis, return_false)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.disconnect()

    async def _call_redis(
        self,
        use_redis: Callable[[], Awaitable[Result]],
        use_fallback: Callable[[], Awaitable[Result]],
    ) -> Result:
        """Return the result of ``use_redis``, or of ``use_fallback`` if Redis is unreachable."""
        async with self._slots:
            if not self._is_reachable:
                if time.monotonic() < self._retry_at:
                    return await use_fallback()
                # Only this call tries Redis again. Concurrent calls use the fallback.
                self._retry_at = time.monotonic() + _RETRY_SECONDS
            try:
                result = await use_redis()
            except self._redis_errors as error:
                self._set_reachable(is_reachable=False, reason=type(error).__name__)
                return await use_fallback()
            self._set_reachable(is_reachable=True)
            return result

    def _set_reachable(self, *, is_reachable: bool, reason: str = "") -> None:
        if not is_reachable:
            self._retry_at = time.monotonic() + _RETRY_SECONDS
        if is_reachable == self._is_reachable:
            return
        self._is_reachable = is_reachable
        if is_reachable:
            logger.info("Redis is available again: rate limits apply to all processes together.")
        else:
            logger.warning(
                "Redis is unavailable (%s): rate limits apply to each process separately.", reason
            )


def open_counters(redis_url: str | None) -> Counters:
    """Create counters in Redis if there is a URL, otherwise in memory."""
    return MemoryCounters() if redis_url is None else RedisCounters(redis_url)
