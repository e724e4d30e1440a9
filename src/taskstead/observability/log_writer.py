"""Log writer: a thread that writes lines, so that a slow terminal or pipe does not block requests.

Lines are queued for a few milliseconds and written together. If the queue or the disk is full,
lines are dropped. When lines can be written again, one line states how many were dropped.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import accumulate

MAX_QUEUED_LINES = 10_000
_MAX_LINES_PER_WRITE = 500
# Time to collect lines before they are written, and delay before retrying a write that would block.
_PAUSE_SECONDS = 0.02
# Maximum time that `close` waits for the queued lines to be written.
_CLOSE_SECONDS = 2.0


class LineWriter:
    """Writes lines to a file descriptor in order.

    Args:
        descriptor: the file descriptor.
        render_dropped: formats the line that reports how many lines were dropped.
    """

    def __init__(self, descriptor: int, render_dropped: Callable[[int], bytes]) -> None:
        # `+=` is not atomic, and several threads drop lines. A signal handler may do so, too.
        self._dropped_lock = threading.RLock()
        self._dropped = 0
        self._reported = 0
        self._is_partial = False
        self._render_dropped = render_dropped
        self._descriptor = descriptor
        self._lines: deque[bytes] = deque()
        self._closing = threading.Event()
        self._has_lines = threading.Event()
        # A daemon thread, so that a blocked pipe cannot delay the exit of the process.
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Number of dropped lines since the start."""
        return self._dropped

    def write(self, line: bytes) -> None:
        """Queue a line for writing; drop it if the queue is full."""
        if len(self._lines) >= MAX_QUEUED_LINES:
            self._count_dropped(1)
            return
        self._lines.append(line)
        if not self._has_lines.is_set():
            self._has_lines.set()

    def close(self) -> None:
        """Write the queued lines and stop the thread; wait for this within a time limit."""
        self._closing.set()
        self._has_lines.set()
        self._thread.join(_CLOSE_SECONDS)

    def _run(self) -> None:
        while True:
            self._has_lines.wait()
            # Collect more lines for one system call.
            self._closing.wait(_PAUSE_SECONDS)
            self._has_lines.clear()
            while self._lines:
                self._write_batch()
            if self.dropped > self._reported:
                self._report_dropped()
            if self._closing.is_set() and not self._lines:
                return

    def _write_batch(self) -> None:
        """Write the first queued lines. If lines were dropped before, report them first."""
        count = min(len(self._lines), _MAX_LINES_PER_WRITE)
        lines = [self._lines.popleft() for _ in range(count)]
        if self.dropped > self._reported and not self._report_dropped():
            self._count_dropped(count)
            return
        written = self._write_bytes(b"".join(lines))
        # A partly written line counts as dropped.
        line_ends = accumulate(map(len, lines))
        self._count_dropped(sum(line_end > written for line_end in line_ends))

    def _count_dropped(self, count: int) -> None:
        with self._dropped_lock:
            self._dropped += count

    def _report_dropped(self) -> bool:
        """Write a line that reports the dropped lines; return whether the write succeeded."""
        dropped = self.dropped
        line = self._render_dropped(dropped - self._reported)
        if self._write_bytes(line) < len(line):
            return False
        self._reported = dropped
        return True

    def _write_bytes(self, data: bytes) -> int:
        """Write data until an error occurs; return the number of bytes written.

        If the previous call wrote only part of a line, write a line break first.
        """
        if self._is_partial:
            if not _write_to_descriptor(self._descriptor, b"\n"):
                return 0
            self._is_partial = False
        written = _write_to_descriptor(self._descriptor, data)
        self._is_partial = written > 0 and data[written - 1 : written] != b"\n"
        return written


def _write_to_descriptor(descriptor: int, data: bytes) -> int:
    """Call ``os.write`` until all data is written or an error occurs; return the bytes written."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            # Another program that uses the same terminal or pipe has made it non-blocking.
            time.sleep(_PAUSE_SECONDS)
        except OSError:
            break
    return len(data) - len(view)
