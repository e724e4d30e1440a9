"""Diagnostics of a Redis server, for ``taskstead doctor``."""

from typing import NamedTuple

_TIMEOUT_SECONDS = 10.0


class RedisFacts(NamedTuple):
    """Memory settings of a Redis server.

    Attributes:
        max_memory: the memory limit in bytes (``maxmemory``); 0 means no limit.
        eviction: the eviction policy (``maxmemory-policy``).
    """

    max_memory: int
    eviction: str


async def find_redis_facts(url: str) -> RedisFacts | None:
    """Return the memory settings of a Redis or Valkey server; None if it is unreachable."""
    # Imported here because most servers do not use Redis.
    from redis.asyncio import Redis  # noqa: PLC0415
    from redis.exceptions import RedisError  # noqa: PLC0415

    redis = Redis.from_url(
        url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS
    )
    try:
        memory = await redis.info("memory")
    except (RedisError, OSError, TimeoutError):
        return None
    finally:
        await redis.aclose()
    return RedisFacts(int(memory["maxmemory"]), str(memory["maxmemory_policy"]))
