"""A queue that serves its keys in turn (round-robin), so that none of them holds up the others."""

from collections import deque
from collections.abc import Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FairQueue(Generic[Item]):
    """Items by key: keys are served round-robin, the items of one key first in, first out."""

    def __init__(self) -> None:
        # In the order in which the keys are served.
        self._queues: dict[Hashable, deque[Item]] = {}
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def push(self, key: Hashable, item: Item) -> None:
        """Add an item."""
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = deque()
        queue.append(item)
        self._length += 1

    def pop(self) -> Item:
        """Remove and return the next item; its key goes to the end.

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
        self._length -= 1
        return item

    def discard(self, key: Hashable, item: Item) -> None:
        """Remove an item, if it is still there."""
        queue = self._queues.get(key)
        if queue is None or item not in queue:
            return
        queue.remove(item)
        if not queue:
            del self._queues[key]
        self._length -= 1
