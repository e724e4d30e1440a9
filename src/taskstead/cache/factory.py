"""Creation of the response cache that the settings select, and deletion of cached responses."""

from taskstead.cache.memory import Cache, MemoryCache
from taskstead.config.settings import Settings

_PREFIX = "taskstead:{version}:answer:"


def open_cache(settings: Settings, *, version: str) -> Cache:
    """Create the response cache: in Redis if ``redis_url`` is set, otherwise in memory.

    Args:
        settings: the server's settings.
        version: the version of Taskstead. It is part of the keys, because other versions may render
            responses differently.
    """
    if settings.redis_url is None or not settings.cache_bytes:
        return MemoryCache(settings.cache_bytes)
    from taskstead.cache.redis import RedisCache  # noqa: PLC0415 - slow to load, often unused

    return RedisCache(settings.redis_url, _PREFIX.format(version=version).encode())


async def clear_response_cache(settings: Settings) -> bool:
    """Delete the responses that servers of any version have cached in Redis.

    This is necessary after a backup was restored. The revisions of workspaces then restart at an
    older number, so a cached response can have the revision of a different, later change.

    Returns:
        True if all responses were deleted or Redis is not used; False if Redis does not respond.
    """
    if settings.redis_url is None:
        return True
    from taskstead.cache.redis import delete_keys  # noqa: PLC0415 - as above

    return await delete_keys(settings.redis_url, _PREFIX.format(version="*"))
