"""A queue that is round-robin by key, so that one key with many items does not delay the others."""

from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FairQueue(Generic[Item]):
    """Queue of items by key.

    It is round-robin between keys, and first in, first out within a key.

    Attributes:
        length: the number of items. It is a plain attribute, because each request reads it several
            times.
    """

    def __init__(self) -> None:
        self.length = 0
        # The order of the keys is the order in which they are served.
        self._queues: dict[Hashable, deque[Item]] = {}

    def __contains__(self, key: Hashable) -> bool:
        """Return whether the queue has an item of a key."""
        return key in self._queues

    def push(self, key: Hashable, item: Item) -> None:
        """Add an item."""
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = deque()
        queue.append(item)
        self.length += 1

    def pop(self) -> Item:
        """Remove and return the next item. Its key moves to the end of the queue.

        Raises:
            IndexError: the queue is empty.
        """
        key = next(iter(self._queues), None)
        queue = self._queues.pop(key, None)
        if queue is None:
            raise IndexError("The queue is empty.")
        item = queue.popleft()
        if queue:
            self._queues[key] = queue
        self.length -= 1
        return item

    def discard(self, key: Hashable, item: Item) -> None:
        """Remove an item, if it is still in the queue."""
        queue = self._queues.get(key)
        if queue is None or item not in queue:
            return
        queue.remove(item)
        if not queue:
            del self._queues[key]
        self.length -= 1
