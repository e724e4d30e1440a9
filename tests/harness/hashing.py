"""Observe Argon2 calls in threads with a profiler, without measuring time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from argon2.low_level import hash_secret, verify_secret

HASH, VERIFY = hash_secret.__name__, verify_secret.__name__
_NAMES = {hash_secret.__code__: HASH, verify_secret.__code__: VERIFY}
_SECONDS = 60.0


class HashingMonitor:
    """The Argon2 calls in threads that start while they are observed.

    Attributes:
        runs: the started calls in order: hash or verify, and the cost parameters.
        most: the largest number of concurrent calls.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._under_way = 0
        self.begin()

    def begin(self, *, together: int = 1) -> None:
        """Reset the records. Block the first calls until the given number of them is running."""
        self.runs: list[tuple[str, str]] = []
        self.most = 0
        self._together = together

    def profile(self, frame: FrameType, event: str, argument: object) -> None:
        """Receive an event of Python's profiler."""
        del argument
        name = _NAMES.get(frame.f_code)
        if name is not None and event == "call":
            with self._changed:
                self.runs.append((name, _read_cost(name, frame.f_locals)))
                self._under_way += 1
                self.most = max(self.most, self._under_way)
                self._changed.notify_all()
                self._changed.wait_for(lambda: self.most >= self._together, _SECONDS)
        elif name is not None and event == "return":
            with self._changed:
                self._under_way -= 1


def _read_cost(name: str, given: dict[str, Any]) -> str:
    """Return the cost parameters in the notation of an encoded hash."""
    if name == VERIFY:
        return str(given["hash"].split(b"$")[3], "ascii")
    return f"m={given['memory_cost']},t={given['time_cost']},p={given['parallelism']}"


@contextmanager
def watching_argon2() -> Iterator[HashingMonitor]:
    """Observe the threads that start within the block. The current thread is not observed."""
    hashing = HashingMonitor()
    before = threading.getprofile()
    threading.setprofile(hashing.profile)
    try:
        yield hashing
    finally:
        threading.setprofile(before)
