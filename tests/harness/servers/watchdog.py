"""A small process that cleans up after a test run that could not do so itself.

A test process can die without running its `finally` blocks (SIGKILL, a crash). The watchdog holds
the read end of a pipe. When the kernel closes the other end, for any reason, the watchdog ends the
last server that it was given and removes the server's directory. PR_SET_PDEATHSIG is not used: it
depends on the thread that started the server, and exists only on Linux.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

TIMEOUT_SECONDS = 5.0


class Watchdog:
    """Watches one directory and at most one server process at a time."""

    def __init__(self, directory: Path) -> None:
        """Start watching. `directory` is removed when this process dies."""
        self._process = subprocess.Popen(
            # With -I and -S Python starts in half the time. Only the standard library is needed.
            [sys.executable, "-I", "-S", __file__, str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )

    def watch(self, pid: int) -> None:
        """Set the process that must not outlive this one."""
        self._send(pid)

    def forget(self) -> None:
        """Watch no process for now."""
        self._send(0)

    def close(self) -> None:
        """Stop watching: end the watched process and remove the directory now."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()

    def _send(self, pid: int) -> None:
        # Write once without a buffer, because buffered data would be lost with the process.
        if self._process.stdin is not None:
            os.write(self._process.stdin.fileno(), f"{pid}\n".encode())


def wait_for_the_end(directory: Path) -> None:
    """Read process ids from standard input until it closes.

    Then end the last process and clean up.
    """
    pid = 0
    for line in sys.stdin:
        pid = int(line)
    if pid:
        end_process(pid)
    shutil.rmtree(directory, ignore_errors=True)


def end_process(pid: int) -> None:
    """Send SIGQUIT, and SIGKILL if that has no effect.

    On SIGQUIT PostgreSQL stops at once, with all its children.
    """
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            os.kill(pid, 0)
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    wait_for_the_end(Path(sys.argv[1]))
