"""A small process that cleans up after a test run that could not do so itself.

A test process can die without running its `finally` blocks (SIGKILL, a crash). The watchdog holds
the read end of a pipe; when the kernel closes the other end, whatever the reason, it ends the
server it was last told of and removes the server's directory. A pipe rather than PR_SET_PDEATHSIG:
that is bound to the thread that started the server, and exists on Linux only.

What does not live here: starting servers.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

PATIENCE_SECONDS = 5.0


class Watchdog:
    """Watches over one directory and at most one server process at a time."""

    def __init__(self, directory: Path) -> None:
        """Start watching; `directory` is removed when this process dies."""
        self._process = subprocess.Popen(
            # -I and -S: nothing but the standard library is needed, and it starts in half the time.
            [sys.executable, "-I", "-S", __file__, str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )

    def watch(self, pid: int) -> None:
        """Name the process that must not outlive this one."""
        self._tell(pid)

    def forget(self) -> None:
        """There is no such process at the moment."""
        self._tell(0)

    def close(self) -> None:
        """End the watch: what was being watched is ended and removed now."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()

    def _tell(self, pid: int) -> None:
        # One unbuffered write, because a line left in a buffer is lost with the process.
        if self._process.stdin is not None:
            os.write(self._process.stdin.fileno(), f"{pid}\n".encode())


def wait_for_the_end(directory: Path) -> None:
    """Read process ids from standard input until it closes, then end the last one and tidy up."""
    pid = 0
    for line in sys.stdin:
        pid = int(line)
    if pid:
        end_process(pid)
    shutil.rmtree(directory, ignore_errors=True)


def end_process(pid: int) -> None:
    """Ask with SIGQUIT (PostgreSQL: stop at once, with all children), then insist with SIGKILL."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            os.kill(pid, 0)
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    wait_for_the_end(Path(sys.argv[1]))
