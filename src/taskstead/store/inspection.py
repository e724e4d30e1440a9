"""What a Redis tells about itself, for whoever looks for what is wrong."""

from typing import NamedTuple

_SECONDS = 10.0


class RedisFacts(NamedTuple):
    """What a Redis says.

    Attributes:
        max_memory: bytes that it may use; 0 for as much as there is.
        eviction: what goes when that is full (``maxmemory-policy``).
    """

    max_memory: int
    eviction: str


async def find_redis_facts(url: str) -> RedisFacts | None:
    """Return what a Redis or Valkey says about its memory; None where it cannot be reached."""
    # Imported here, since most servers need it not.
    from redis.asyncio import Redis  # noqa: PLC0415
    from redis.exceptions import RedisError  # noqa: PLC0415

    redis = Redis.from_url(url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS)
    try:
        memory = await redis.info("memory")
    except (RedisError, OSError, TimeoutError):
        return None
    finally:
        await redis.aclose()
    return RedisFacts(int(memory["maxmemory"]), str(memory["maxmemory_policy"]))
