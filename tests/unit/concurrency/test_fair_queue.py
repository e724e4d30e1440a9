"""Fair queue: round-robin between keys, first in first out within a key."""

import pytest

from taskstead.concurrency.fair_queue import FairQueue


def drain(queue: FairQueue[str]) -> str:
    """Remove all items. Return them in order."""
    return " ".join(queue.pop() for _ in range(queue.length))


def make_queue(*items: str) -> FairQueue[str]:
    """Return a queue of items whose first letter is their key."""
    queue: FairQueue[str] = FairQueue()
    for item in items:
        queue.push(item[0], item)
    return queue


def test_one_key_is_served_in_order() -> None:
    assert drain(make_queue("a1", "a2", "a3")) == "a1 a2 a3"


def test_keys_are_served_in_turn() -> None:
    assert drain(make_queue("a1", "a2", "a3", "b1", "b2", "c1")) == "a1 b1 c1 a2 b2 a3"


def test_new_key_waits_for_one_item_of_each_other_key() -> None:
    queue = make_queue("a1", "a2", "a3", "a4")
    assert queue.pop() == "a1"
    queue.push("b", "b1")
    assert drain(queue) == "a2 b1 a3 a4"


def test_items_can_be_removed() -> None:
    queue = make_queue("a1", "a2", "b1")
    queue.discard("a", "a1")
    queue.discard("b", "b1")
    queue.discard("b", "b1")
    queue.discard("c", "c1")
    assert queue.length == 1
    assert drain(queue) == "a2"
    with pytest.raises(IndexError):
        queue.pop()
