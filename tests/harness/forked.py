"""Servers that are forked from a process in which the server is already imported.

The imports take most of the CPU time of a start. The process is started once per test process.
"""

import atexit
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.harness.paths import PROGRAM

_PRELOADED = ("taskstead.cli.main", "taskstead.cli.serving.serve", "taskstead.app")
_context = multiprocessing.get_context("forkserver")


class ForkedCommand:
    """A running ``taskstead`` command, with the interface of ``subprocess.Popen`` that tests use.

    Args:
        arguments: the command and its options.
        environment: all environment variables.
        out: the file for standard output.
        err: the file for standard error.
    """

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], out: Path, err: Path
    ) -> None:
        _context.set_forkserver_preload(list(_PRELOADED))
        self._process = _context.Process(
            target=_run, args=(list(arguments), dict(environment), Path.cwd(), out, err)
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """The id of the process."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit code, or the negative number of the signal; None while the command runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """Return the exit code; None while the command runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code.

        Raises:
            subprocess.TimeoutExpired: the command still runs after ``timeout`` seconds.
        """
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(PROGRAM, timeout or 0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the command has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End the command with SIGKILL."""
        self._process.kill()


def _run(
    arguments: list[str], environment: dict[str, str], folder: Path, out: Path, err: Path
) -> None:
    """Run the command in a forked process, as if it had been started with these values."""
    from taskstead.cli.main import main  # noqa: PLC0415 - imported in the forked process only

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [PROGRAM, *arguments]
    with open(os.devnull, "rb") as nothing, out.open("wb") as stdout, err.open("wb") as stderr:  # noqa: PTH123
        for file, number in ((nothing, 0), (stdout, 1), (stderr, 2)):
            os.dup2(file.fileno(), number)
    try:
        main()
    finally:
        # multiprocessing ends a process without them. The log writer writes its last lines in one.
        atexit._run_exitfuncs()  # noqa: SLF001 - there is no public function
