"""Response cache: the interface, and the implementation in this process's memory.

``redis.py`` contains the implementation in Redis, which processes share. A key includes a
revision of a workspace, and every change creates a new revision (see
``http/responses/response_cache.py``). Entries therefore need no invalidation. They are evicted only
to make room for others.
"""

from dataclasses import dataclass
from typing import Protocol

from cachetools import LRUCache

# Estimated overhead of an entry in bytes: dictionary slots and the object headers of key and value.
_OVERHEAD_BYTES = 300
# An entry may use at most a sixteenth of the cache.
_MAX_ENTRY_SHARE = 16


@dataclass(slots=True)
class CacheCounts:
    """Statistics of a cache since the start of this process.

    Attributes:
        hits: number of lookups that returned an entry.
        misses: number of lookups that returned nothing, including failed ones.
        served_bytes: total size of the returned entries.
        errors: number of calls to the store that failed.
    """

    hits: int = 0
    misses: int = 0
    served_bytes: int = 0
    errors: int = 0


class Cache(Protocol):
    """Response cache. While the store is unavailable, lookups miss and writes do nothing.

    Attributes:
        counts: statistics since the start of this process.
        is_available: whether the store responds.
    """

    counts: CacheCounts

    @property
    def is_available(self) -> bool:
        """Whether the store responds."""

    @property
    def size_bytes(self) -> int | None:
        """Size of the entries in this process's memory; None if the store is Redis."""

    async def fetch(self, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""

    async def store(self, key: bytes, value: bytes) -> None:
        """Store a value, unless it is too large."""

    async def close(self) -> None:
        """Close the connections."""


class MemoryCache:
    """LRU cache in the memory of this process, with a maximum size in bytes.

    Args:
        max_bytes: the maximum size, including the estimated overhead of entries. 0 disables the
            cache.
    """

    def __init__(self, max_bytes: int) -> None:
        self.counts = CacheCounts()
        self._max_bytes = max_bytes
        self._entries: LRUCache[bytes, bytes] = LRUCache(max_bytes, getsizeof=_estimate_size)

    @property
    def is_available(self) -> bool:
        """True: memory is always available."""
        return True

    @property
    def size_bytes(self) -> int:
        """Size of the entries, including their estimated overhead."""
        return int(self._entries.currsize)

    async def fetch(self, key: bytes) -> bytes | None:
        """Return the value of a key, or None."""
        value = self._entries.get(key)
        if value is None:
            self.counts.misses += 1
        else:
            self.counts.hits += 1
            self.counts.served_bytes += len(value)
        return value

    async def store(self, key: bytes, value: bytes) -> None:
        """Store a value, unless it would use more than a sixteenth of the cache."""
        if _estimate_size(value) <= self._max_bytes / _MAX_ENTRY_SHARE:
            self._entries[key] = value

    async def close(self) -> None:
        """Delete all entries."""
        self._entries.clear()


def _estimate_size(value: bytes) -> int:
    return len(value) + _OVERHEAD_BYTES
