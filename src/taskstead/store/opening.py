"""Which store is used: the one place that chooses."""

from taskstead.settings import Settings
from taskstead.store.cache import Cache, MemoryCache


def open_cache(settings: Settings, *, version: str) -> Cache:
    """Return the cache that the settings ask for.

    Args:
        settings: of the server.
        version: the program's; another one's answers may look different.
    """
    if settings.redis_url is None or not settings.cache_bytes:
        return MemoryCache(settings.cache_bytes)
    from taskstead.store.redis_cache import RedisCache  # noqa: PLC0415 - slow to load, often unused

    prefix = f"taskstead:{version}:answer:".encode()
    return RedisCache(settings.redis_url, prefix)
