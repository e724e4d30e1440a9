"""Counters of rate limits in memory."""

from taskstead.ratelimit.storage import Counters, MemoryCounters


async def test_counter_in_memory_expires() -> None:
    counters: Counters = MemoryCounters(max_counters=100)
    assert [await counters.increment("a", 0) for _ in range(3)] == [1, 1, 1]


async def test_number_of_counters_in_memory_is_bounded() -> None:
    counters: Counters = MemoryCounters(max_counters=100)
    for number in range(1000):
        assert await counters.increment(f"key {number}", 60) == 1
    assert await counters.increment("key 999", 60) == 2
    known = [n for n in range(1000) if await counters.get_ttl(f"key {n}")]
    assert 50 <= len(known) <= 101
    assert known == list(range(known[0], 1000))
