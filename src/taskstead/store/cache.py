"""The cache of answers as everybody sees it, and the one in this process's memory.

Keys name a state that never changes, so nothing here is ever wrong: an entry is used or it is not.
There is no invalidation and no expiry but for want of room. What a key is made of:
``http/caching.py``. The cache that processes share: ``redis_cache.py``.
"""

from dataclasses import dataclass
from typing import Protocol

from cachetools import LRUCache

# What an entry costs besides key and value: the dictionaries' places, two objects' headers.
_OVERHEAD_BYTES = 300
# No entry may push out more than this part of all others.
_LARGEST_PART = 16


@dataclass(slots=True)
class CacheCounts:
    """What a cache has done since the start of this process.

    Attributes:
        hits: answers that were there.
        misses: answers that were not there, or not to be had.
        served_bytes: of the values that were there.
        errors: calls that the store did not answer.
    """

    hits: int = 0
    misses: int = 0
    served_bytes: int = 0
    errors: int = 0


class Cache(Protocol):
    """Answers by key. No method raises for want of the store: then nothing is found or kept.

    Attributes:
        counts: what it has done.
        is_available: False as long as the store does not answer.
    """

    counts: CacheCounts

    @property
    def is_available(self) -> bool:
        """Whether the store answers."""

    @property
    def size_bytes(self) -> int | None:
        """How much this process's memory holds; None for a store elsewhere."""

    async def fetch(self, key: bytes) -> bytes | None:
        """Return what was kept under a key, or None."""

    async def keep(self, key: bytes, value: bytes) -> None:
        """Keep a value, if there is room."""

    async def close(self) -> None:
        """Close the connections."""


class MemoryCache:
    """A cache in this process, bounded in bytes; what was not used the longest goes first.

    Args:
        max_bytes: the bound, with an estimate of what keeping costs; 0 keeps nothing.
    """

    def __init__(self, max_bytes: int) -> None:
        self.counts = CacheCounts()
        self._max_bytes = max_bytes
        self._entries: LRUCache[bytes, bytes] = LRUCache(max_bytes, getsizeof=_measure)

    @property
    def is_available(self) -> bool:
        """It always is."""
        return True

    @property
    def size_bytes(self) -> int:
        """How much is kept, by the estimate that the bound goes by."""
        return int(self._entries.currsize)

    async def fetch(self, key: bytes) -> bytes | None:
        """Return what was kept under a key, or None."""
        value = self._entries.get(key)
        if value is None:
            self.counts.misses += 1
        else:
            self.counts.hits += 1
            self.counts.served_bytes += len(value)
        return value

    async def keep(self, key: bytes, value: bytes) -> None:
        """Keep a value, unless it is large beside the bound."""
        if _measure(value) <= self._max_bytes / _LARGEST_PART:
            self._entries[key] = value

    async def close(self) -> None:
        """Let go of everything."""
        self._entries.clear()


def _measure(value: bytes) -> int:
    return len(value) + _OVERHEAD_BYTES
