"""Factory of the response cache, chosen by the settings, and deletion of cached responses."""

from taskstead.settings import Settings
from taskstead.store.cache import Cache, MemoryCache

_PREFIX = "taskstead:{version}:answer:"


def open_cache(settings: Settings, *, version: str) -> Cache:
    """Create the response cache: in Redis if ``redis_url`` is set, otherwise in memory.

    Args:
        settings: the server's settings.
        version: the program's version. It is part of the keys, because responses of other versions
            may differ.
    """
    if settings.redis_url is None or not settings.cache_bytes:
        return MemoryCache(settings.cache_bytes)
    from taskstead.store.redis_cache import RedisCache  # noqa: PLC0415 - slow to load, often unused

    return RedisCache(settings.redis_url, _PREFIX.format(version=version).encode())


async def clear_response_cache(settings: Settings) -> bool:
    """Delete the responses that servers of any version have cached in Redis.

    Restoring a backup requires this: revisions restart at an older number and get new meanings.

    Returns:
        True if no responses are left; False if Redis does not respond.
    """
    if settings.redis_url is None:
        return True
    from taskstead.store.redis_cache import delete_keys  # noqa: PLC0415 - as above

    return await delete_keys(settings.redis_url, _PREFIX.format(version="*"))
