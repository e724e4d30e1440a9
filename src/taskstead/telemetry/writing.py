"""Writing lines from a thread, so that a terminal or a pipe that is slow holds up nobody.

Lines wait for a moment and are written together. The threads that log wait for nothing: when too
many lines wait, or the disk is full, lines are dropped. A line says how many once there is room.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import accumulate

MOST_LINES = 10_000
_MOST_LINES_AT_ONCE = 500
_PAUSE_SECONDS = 0.02
_LAST_SECONDS = 2.0


class LineWriter:
    """Writes lines to a file descriptor, in order.

    Args:
        descriptor: of the file.
        render_loss: makes a line that tells of so many dropped ones.
    """

    def __init__(self, descriptor: int, render_loss: Callable[[int], bytes]) -> None:
        # Two counts, since each is of one side's threads alone: adding is not atomic.
        self._dropped_waiting = 0
        self._dropped_writing = 0
        self._reported = 0
        self._is_broken_off = False
        self._render_loss = render_loss
        self._descriptor = descriptor
        self._lines: deque[bytes] = deque()
        self._is_closing = threading.Event()
        self._has_lines = threading.Event()
        # A daemon: at the end of the process nobody waits for a reader that does not read.
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Lines that found no room, in memory or on the disk, since the start."""
        return self._dropped_waiting + self._dropped_writing

    def write(self, line: bytes) -> None:
        """Have a line written soon; drop it when too many wait already."""
        if len(self._lines) >= MOST_LINES:
            self._dropped_waiting += 1
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
            if self.dropped > self._reported:
                self._write_loss()
            if self._is_closing.is_set() and not self._lines:
                return

    def _write_some(self) -> None:
        """Write the first of the waiting lines, and before them how many were dropped so far."""
        count = min(len(self._lines), _MOST_LINES_AT_ONCE)
        lines = [self._lines.popleft() for _ in range(count)]
        if self.dropped > self._reported and not self._write_loss():
            self._dropped_writing += count
            return
        written = self._write_out(b"".join(lines))
        # A line that was written in part is lost as well.
        ends = accumulate(map(len, lines))
        self._dropped_writing += sum(end > written for end in ends)

    def _write_loss(self) -> bool:
        """Write how many lines were dropped; tell whether there was room for that."""
        dropped = self.dropped
        line = self._render_loss(dropped - self._reported)
        if self._write_out(line) < len(line):
            return False
        self._reported = dropped
        return True

    def _write_out(self, data: bytes) -> int:
        """Write as much as there is room for; return how many bytes that were.

        A line that was written in part is ended before anything follows it.
        """
        if self._is_broken_off:
            if not _write_all(self._descriptor, b"\n"):
                return 0
            self._is_broken_off = False
        written = _write_all(self._descriptor, data)
        self._is_broken_off = written > 0 and data[written - 1 : written] != b"\n"
        return written


def _write_all(descriptor: int, data: bytes) -> int:
    """Write data; return how many bytes were written before the first error."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            # Another program that has the same terminal or pipe has made it so.
            time.sleep(_PAUSE_SECONDS)
        except OSError:
            break
    return len(data) - len(view)
