"""Response cache in Redis or Valkey, shared by all processes.

The timeouts are short, so that requests are not delayed while Redis is unavailable. After an error,
Redis is not used for a second. Then one call tries it again. Redis's own settings limit the size of
the cache: ``maxmemory`` with ``maxmemory-policy allkeys-lru``.
"""

import logging
import time
from typing import cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from taskstead.cache.memory import CacheCounts

_RESPONSE_SECONDS = 0.25
_CONNECT_SECONDS = 1.0
# Time after an error until Redis is tried again.
_RETRY_SECONDS = 1.0
_MAX_CONNECTIONS = 50
# Timeout of the commands that find and delete all keys, and number of keys per deletion.
_DELETE_TIMEOUT_SECONDS = 10.0
_DELETE_BATCH = 1000
# Entries expire, because no request looks up the responses of old revisions.
_EXPIRY_SECONDS = 24 * 3600

logger = logging.getLogger("taskstead.cache")


async def delete_keys(url: str, pattern: str) -> bool:
    """Delete all keys that begin with a glob pattern; return whether Redis responded."""
    redis = Redis.from_url(
        url, socket_timeout=_DELETE_TIMEOUT_SECONDS, socket_connect_timeout=_DELETE_TIMEOUT_SECONDS
    )
    try:
        keys: list[bytes] = []
        async for key in redis.scan_iter(match=f"{pattern}*", count=_DELETE_BATCH):
            keys.append(key)
            if len(keys) == _DELETE_BATCH:
                await redis.unlink(*keys)
                keys.clear()
        if keys:
            await redis.unlink(*keys)
    except (RedisError, OSError, TimeoutError):
        return False
    finally:
        await redis.aclose()
    return True


class RedisCache:
    """Implementation of ``Cache`` in Redis.

    Args:
        url: ``redis://…``, ``rediss://…`` or ``unix://…``.
        prefix: prefix of all keys, so that other programs can use the same Redis database.
    """

    def __init__(self, url: str, prefix: bytes) -> None:
        self.counts = CacheCounts()
        self._prefix = prefix
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=_MAX_CONNECTIONS,
            timeout=_RESPONSE_SECONDS,
            socket_timeout=_RESPONSE_SECONDS,
            socket_connect_timeout=_CONNECT_SECONDS,
            # One immediate retry, for connections that were opened before a restart of Redis.
            retry=Retry(NoBackoff(), 1),
        )
        self._redis = Redis.from_pool(pool)
        self._is_available = True
        self._next_try_at = 0.0

    @property
    def is_available(self) -> bool:
        """Whether Redis responded to the last call."""
        return self._is_available

    @property
    def size_bytes(self) -> None:
        """None: the entries are not in the memory of this process."""
        return

    async def fetch(self, key: bytes) -> bytes | None:
        """Return the value of a key; None if there is none or Redis is unavailable."""
        value: bytes | None = None
        if self._may_try():
            try:
                value = cast("bytes | None", await self._redis.get(self._prefix + key))
            except (RedisError, OSError, TimeoutError) as error:
                self._note_error(error)
            else:
                self._note_success()
        if value is None:
            self.counts.misses += 1
        else:
            self.counts.hits += 1
            self.counts.served_bytes += len(value)
        return value

    async def store(self, key: bytes, value: bytes) -> None:
        """Store a value for up to a day; do nothing while Redis is unavailable."""
        if not self._may_try():
            return
        try:
            await self._redis.set(self._prefix + key, value, ex=_EXPIRY_SECONDS)
        except (RedisError, OSError, TimeoutError) as error:
            self._note_error(error)
        else:
            self._note_success()

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    def _may_try(self) -> bool:
        """Return whether to call Redis: it is available, or it is time to try it again."""
        if self._is_available:
            return True
        now = time.monotonic()
        if now < self._next_try_at:
            return False
        # Only this call tries Redis again. Concurrent calls return without it.
        self._next_try_at = now + _RETRY_SECONDS
        return True

    def _note_error(self, error: Exception) -> None:
        self.counts.errors += 1
        self._next_try_at = time.monotonic() + _RETRY_SECONDS
        if self._is_available:
            self._is_available = False
            logger.warning("Redis is unavailable; responses are not cached: %s", error)

    def _note_success(self) -> None:
        if not self._is_available:
            self._is_available = True
            logger.info("Redis is available again.")
