"""A clock for servers under test that tests can set: clock.c, compiled with the system's compiler.

It replaces the time functions of the C library in the whole process, including Python and SQLite.
The server itself is unchanged. libfaketime does the same, but also stops clocks other than the time
of day.
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
        folder: the folder for the library and for the file with the clock's offset.

    Attributes:
        environment: the variables that make a process use this clock.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self._file.write_bytes(bytes(8))
        library = folder / "clock.so"
        self.environment = {"LD_PRELOAD": str(library), "TEST_CLOCK_FILE": str(self._file)}
        self._compile(library)

    def set_offset(self, seconds: float) -> None:
        """Set the offset to the real time in seconds. Negative values make the clock slow."""
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
