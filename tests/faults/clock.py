"""A clock that can be set while servers run by it: clock.c, compiled with the system's compiler.

It takes the place of the system's functions below the whole process, Python and SQLite included, so
that nothing of the server is changed. libfaketime does the same, but holds up clocks that are none
of the time of day.
"""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

_SOURCE = Path(__file__).with_name("clock.c")


class Clock:
    """The clock of the processes that are started with ``environment``.

    Args:
        folder: for the library and for what the clock says.

    Attributes:
        environment: what makes a process go by it.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self._file.write_bytes(bytes(8))
        library = folder / "clock.so"
        self.environment = {"LD_PRELOAD": str(library), "TEST_CLOCK_FILE": str(self._file)}
        self._compile(library)

    def put(self, seconds: float) -> None:
        """Have it be so many seconds fast; less than nothing for slow."""
        with self._file.open("r+b", buffering=0) as file:
            file.write(struct.pack("d", seconds))

    @staticmethod
    def _compile(library: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("there is no C compiler (Debian, Ubuntu: apt install gcc libc6-dev)")
        options = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
        command = [compiler, *options, "-o", str(library), str(_SOURCE), "-lm"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
