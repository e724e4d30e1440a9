"""The cache in Redis (or Valkey), which all processes share.

It is never waited for long: after an error it is left alone for a moment, during which nothing is
cached, then one call tries again. How much it keeps is Redis's own setting: ``maxmemory`` with
``maxmemory-policy allkeys-lru``.
"""

import logging
import time
from typing import cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from taskstead.store.cache import CacheCounts

_ANSWER_SECONDS = 0.25
_CONNECT_SECONDS = 1.0
_PAUSE_SECONDS = 1.0
_CONNECTIONS = 50
_EMPTYING_SECONDS = 10.0
_TOGETHER = 1000
# A state that is of no use to anybody any more goes by itself.
_LIFE_SECONDS = 24 * 3600

logger = logging.getLogger("taskstead.store")


async def forget_keys(url: str, pattern: str) -> bool:
    """Delete all keys that begin with a glob pattern; return whether Redis answered."""
    redis = Redis.from_url(
        url, socket_timeout=_EMPTYING_SECONDS, socket_connect_timeout=_EMPTYING_SECONDS
    )
    try:
        keys: list[bytes] = []
        async for key in redis.scan_iter(match=f"{pattern}*", count=_TOGETHER):
            keys.append(key)
            if len(keys) == _TOGETHER:
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
    """A cache in Redis.

    Args:
        url: ``redis://…``, ``rediss://…`` or ``unix://…``.
        prefix: what its keys begin with, so that others may use the same database.
    """

    def __init__(self, url: str, prefix: bytes) -> None:
        self.counts = CacheCounts()
        self._prefix = prefix
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            timeout=_ANSWER_SECONDS,
            socket_timeout=_ANSWER_SECONDS,
            socket_connect_timeout=_CONNECT_SECONDS,
            # Once more and at once: a connection may be left from before a restart of Redis.
            retry=Retry(NoBackoff(), 1),
        )
        self._redis = Redis.from_pool(pool)
        self._is_available = True
        self._next_try_at = 0.0

    @property
    def is_available(self) -> bool:
        """Whether Redis answered when it was last asked."""
        return self._is_available

    @property
    def size_bytes(self) -> None:
        """Redis tells that itself."""
        return

    async def fetch(self, key: bytes) -> bytes | None:
        """Return what was kept under a key; None also while Redis does not answer."""
        value: bytes | None = None
        if self._may_try():
            try:
                value = cast("bytes | None", await self._redis.get(self._prefix + key))
            except (RedisError, OSError, TimeoutError) as error:
                self._note_error(error)
            else:
                self._note_answer()
        if value is None:
            self.counts.misses += 1
        else:
            self.counts.hits += 1
            self.counts.served_bytes += len(value)
        return value

    async def keep(self, key: bytes, value: bytes) -> None:
        """Keep a value for a day at most; nothing happens while Redis does not answer."""
        if not self._may_try():
            return
        try:
            await self._redis.set(self._prefix + key, value, ex=_LIFE_SECONDS)
        except (RedisError, OSError, TimeoutError) as error:
            self._note_error(error)
        else:
            self._note_answer()

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    def _may_try(self) -> bool:
        if self._is_available:
            return True
        now = time.monotonic()
        if now < self._next_try_at:
            return False
        # This call tries; those beside it need not wait for what it finds out.
        self._next_try_at = now + _PAUSE_SECONDS
        return True

    def _note_error(self, error: Exception) -> None:
        self.counts.errors += 1
        self._next_try_at = time.monotonic() + _PAUSE_SECONDS
        if self._is_available:
            self._is_available = False
            logger.warning("Redis does not answer; nothing is cached until it does: %s", error)

    def _note_answer(self) -> None:
        if not self._is_available:
            self._is_available = True
            logger.info("Redis answers again.")
