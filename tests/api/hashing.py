"""Watching Argon2 at work: by what its threads begin and end, and not by the clock."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from argon2.low_level import hash_secret, verify_secret

HASH, VERIFY = hash_secret.__name__, verify_secret.__name__
_NAMES = {hash_secret.__code__: HASH, verify_secret.__code__: VERIFY}
_SECONDS = 60.0


class Hashing:
    """What Argon2 is asked for in threads that start while it is watched.

    Attributes:
        runs: what was begun, in this order: to hash or to verify, and with what cost.
        most: how many were under way at once.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._under_way = 0
        self.begin()

    def begin(self, *, together: int = 1) -> None:
        """Forget what was; have the first runs wait until so many are under way."""
        self.runs: list[tuple[str, str]] = []
        self.most = 0
        self._together = together

    def note(self, frame: FrameType, event: str, argument: object) -> None:
        """Take what Python tells a profiler."""
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
    """Return the cost as a hash tells it."""
    if name == VERIFY:
        return str(given["hash"].split(b"$")[3], "ascii")
    return f"m={given['memory_cost']},t={given['time_cost']},p={given['parallelism']}"


@contextmanager
def watching_argon2() -> Iterator[Hashing]:
    """Watch the threads that are started in the block, among them not the one that is in it."""
    hashing = Hashing()
    before = threading.getprofile()
    threading.setprofile(hashing.note)
    try:
        yield hashing
    finally:
        threading.setprofile(before)
