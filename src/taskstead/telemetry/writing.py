"""Writing lines from a thread, so that a terminal or a pipe that is slow holds up nobody.

Lines wait for a moment and are written together. Who writes waits for nothing: when too many wait,
further ones are dropped and counted, and how many is said as soon as there is room.
"""

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable

MOST_LINES = 10_000
_MOST_LINES_AT_ONCE = 500
_PAUSE_SECONDS = 0.02
_LAST_SECONDS = 2.0


class LineWriter:
    """Writes lines to a file descriptor, in order.

    Args:
        descriptor: of the file.
        render_loss: makes a line that tells of so many dropped ones.

    Attributes:
        dropped: lines that found no room, since the start.
    """

    def __init__(self, descriptor: int, render_loss: Callable[[int], bytes]) -> None:
        self.dropped = 0
        self._told = 0
        self._render_loss = render_loss
        self._descriptor = descriptor
        self._lines: deque[bytes] = deque()
        self._is_closing = threading.Event()
        self._has_lines = threading.Event()
        # A daemon: at the end of the process nobody waits for a reader that does not read.
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def write(self, line: bytes) -> None:
        """Have a line written soon; drop it when too many wait already."""
        if len(self._lines) >= MOST_LINES:
            self.dropped += 1
            return
        self._lines.append(line)
        if not self._has_lines.is_set():
            self._has_lines.set()

    def close(self) -> None:
        """Write what waits, within a bounded time, and end."""
        self._is_closing.set()
        self._has_lines.set()
        self._thread.join(_LAST_SECONDS)

    def _run(self) -> None:
        while True:
            self._has_lines.wait()
            # What comes within this moment is written with it, by one call.
            self._is_closing.wait(_PAUSE_SECONDS)
            self._has_lines.clear()
            while self._lines:
                self._write_some()
            if self._is_closing.is_set() and not self._lines:
                return

    def _write_some(self) -> None:
        count = min(len(self._lines), _MOST_LINES_AT_ONCE)
        chunk = b"".join([self._lines.popleft() for _ in range(count)])
        dropped = self.dropped
        if dropped > self._told:
            chunk += self._render_loss(dropped - self._told)
            self._told = dropped
        # Nobody is left to tell when there is nowhere to write to.
        with contextlib.suppress(OSError):
            _write_all(self._descriptor, chunk)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            # Another program that has the same terminal or pipe has made it so.
            time.sleep(_PAUSE_SECONDS)
