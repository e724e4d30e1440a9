"""Which store is used: the one place that chooses. And emptying the one that outlives processes."""

from taskstead.settings import Settings
from taskstead.store.cache import Cache, MemoryCache

_PREFIX = "taskstead:{version}:answer:"


def open_cache(settings: Settings, *, version: str) -> Cache:
    """Return the cache that the settings ask for.

    Args:
        settings: of the server.
        version: the program's; another one's answers may look different.
    """
    if settings.redis_url is None or not settings.cache_bytes:
        return MemoryCache(settings.cache_bytes)
    from taskstead.store.redis_cache import RedisCache  # noqa: PLC0415 - slow to load, often unused

    return RedisCache(settings.redis_url, _PREFIX.format(version=version).encode())


async def forget_answers(settings: Settings) -> bool:
    """Delete the answers that servers of any version have kept in Redis.

    For when the database goes back to an older state: revisions come again, and mean other things.

    Returns:
        Whether there are none any more; False where Redis does not answer.
    """
    if settings.redis_url is None:
        return True
    from taskstead.store.redis_cache import forget_keys  # noqa: PLC0415 - as above

    return await forget_keys(settings.redis_url, _PREFIX.format(version="*"))
