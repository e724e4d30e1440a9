"""Log writer: a thread that writes lines, so that a slow terminal or pipe blocks no request.

Lines are queued for a moment and written together. If the queue or the disk is full, lines are
dropped. When there is space again, one line states the number of dropped lines.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import accumulate

MAX_QUEUED_LINES = 10_000
_MAX_LINES_PER_WRITE = 500
_PAUSE_SECONDS = 0.02
_CLOSE_SECONDS = 2.0


class LineWriter:
    """Writes lines to a file descriptor in order.

    Args:
        descriptor: the file descriptor.
        render_loss: returns the line that reports a number of dropped lines.
    """

    def __init__(self, descriptor: int, render_loss: Callable[[int], bytes]) -> None:
        # Two counters, one for the logging threads and one for the writer: `+=` is not atomic.
        self._dropped_waiting = 0
        self._dropped_writing = 0
        self._reported = 0
        self._is_partial = False
        self._render_loss = render_loss
        self._descriptor = descriptor
        self._lines: deque[bytes] = deque()
        self._is_closing = threading.Event()
        self._has_lines = threading.Event()
        # A daemon thread, so that a reader that does not read cannot delay the end of the process.
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Number of dropped lines since the start."""
        return self._dropped_waiting + self._dropped_writing

    def write(self, line: bytes) -> None:
        """Queue a line for writing; drop it if the queue is full."""
        if len(self._lines) >= MAX_QUEUED_LINES:
            self._dropped_waiting += 1
            return
        self._lines.append(line)
        if not self._has_lines.is_set():
            self._has_lines.set()

    def close(self) -> None:
        """Write the queued lines, within a time limit, and end the thread."""
        self._is_closing.set()
        self._has_lines.set()
        self._thread.join(_CLOSE_SECONDS)

    def _run(self) -> None:
        while True:
            self._has_lines.wait()
            # Collect more lines for one system call.
            self._is_closing.wait(_PAUSE_SECONDS)
            self._has_lines.clear()
            while self._lines:
                self._write_some()
            if self.dropped > self._reported:
                self._write_loss()
            if self._is_closing.is_set() and not self._lines:
                return

    def _write_some(self) -> None:
        """Write the first queued lines, after a report of dropped lines if there are any."""
        count = min(len(self._lines), _MAX_LINES_PER_WRITE)
        lines = [self._lines.popleft() for _ in range(count)]
        if self.dropped > self._reported and not self._write_loss():
            self._dropped_writing += count
            return
        written = self._write_out(b"".join(lines))
        # A partly written line counts as dropped.
        ends = accumulate(map(len, lines))
        self._dropped_writing += sum(end > written for end in ends)

    def _write_loss(self) -> bool:
        """Write the number of dropped lines; return whether that succeeded."""
        dropped = self.dropped
        line = self._render_loss(dropped - self._reported)
        if self._write_out(line) < len(line):
            return False
        self._reported = dropped
        return True

    def _write_out(self, data: bytes) -> int:
        """Write as much data as possible; return the number of bytes written.

        If the last call wrote only part of a line, end that line first.
        """
        if self._is_partial:
            if not _write_all(self._descriptor, b"\n"):
                return 0
            self._is_partial = False
        written = _write_all(self._descriptor, data)
        self._is_partial = written > 0 and data[written - 1 : written] != b"\n"
        return written


def _write_all(descriptor: int, data: bytes) -> int:
    """Write data; return the number of bytes written before the first error."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            # Another program with the same terminal or pipe has set it to non-blocking.
            time.sleep(_PAUSE_SECONDS)
        except OSError:
            break
    return len(data) - len(view)
