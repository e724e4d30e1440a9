"""Response cache in memory: least recently used entries are evicted."""

from taskstead.cache.memory import MemoryCache


async def test_memory_is_bounded_by_evicting_unused_entries() -> None:
    cache = MemoryCache(100_000)
    await cache.store(b"used", b"x" * 1000)
    for number in range(500):
        await cache.store(b"%d" % number, b"y" * 1000)
        assert await cache.fetch(b"used") == b"x" * 1000
        assert cache.size_bytes <= 100_000
    assert await cache.fetch(b"0") is None
    assert await cache.fetch(b"499") == b"y" * 1000
    await cache.store(b"large", b"z" * 50_000)
    assert await cache.fetch(b"large") is None
    assert cache.counts.hits == 501


async def test_cache_of_no_bytes_stores_nothing() -> None:
    cache = MemoryCache(0)
    await cache.store(b"a", b"")
    assert await cache.fetch(b"a") is None
