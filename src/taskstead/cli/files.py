"""File formats by file name, and atomic writing of output files, for commands."""

import contextlib
import fcntl
import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from taskstead.cli.console import CommandFailedError
from taskstead.client.output import escape
from taskstead.formats.file_formats import FILE_EXTENSIONS, FileFormat
from taskstead.ids import make_id

STANDARD_STREAM = "-"
# Names of unfinished output files: `.<target name>.<UUID>.part`.
_PART = re.compile(r"\..+\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.part")


def find_format(path: str) -> FileFormat:
    """Return the format that the file extension indicates; JSON Lines for a pipe or a device.

    Raises:
        CommandFailedError: the extension is unknown.
    """
    if path == STANDARD_STREAM or (Path(path).exists() and not Path(path).is_file()):
        return "jsonl"
    kind = FILE_EXTENSIONS.get(PurePath(path).suffix.lower())
    if kind is None:
        raise CommandFailedError(
            f"The format of {path} is unknown. Use one of the extensions "
            f"{', '.join(FILE_EXTENSIONS)}, or add --format."
        )
    return kind


@contextmanager
def open_target(path: str) -> Iterator[BinaryIO]:
    """Open an output file for the duration of the block.

    The data is written to a temporary file. When the block ends without an error, the temporary
    file is synced to disk and replaces the target. The new file has mode 600, even if the
    replaced file had another mode. Unfinished files of killed processes in the same folder are
    deleted first.

    Args:
        path: the path of a file, pipe or device, or ``-`` for standard output. Pipes and devices
            are written to directly.
    """
    if path == STANDARD_STREAM:
        if sys.stdout.isatty():
            with TerminalWriter() as terminal:
                yield terminal
            return
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(path)
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            yield file
        return
    remove_unfinished_files(target.parent)
    part, descriptor = _create_part(target)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)


class TerminalWriter(io.BytesIO):
    """Prints UTF-8 text to the terminal line by line, with control characters escaped.

    Other members of a workspace write the titles in an export.
    """

    def __init__(self) -> None:
        super().__init__()
        self._incomplete_line = b""

    def write(self, data: Any) -> int:
        """Print the lines that the data completes; return its length."""
        lines, newline, self._incomplete_line = (self._incomplete_line + data).rpartition(b"\n")
        if newline:
            self._print(lines + newline)
        return len(data)

    def close(self) -> None:
        """Print the last line, if it is incomplete."""
        self._print(self._incomplete_line)
        self._incomplete_line = b""
        super().close()

    def _print(self, data: bytes) -> None:
        text = data.decode("utf-8", "replace").replace("\r\n", "\n")
        sys.stdout.write(escape(text, keep="\n\t"))
        sys.stdout.flush()


def remove_unfinished_files(folder: Path) -> None:
    """Delete the unfinished output files of killed processes.

    A running process holds a lock on the file that it writes, so its file is not deleted.
    """
    for part in folder.iterdir():
        if _PART.fullmatch(part.name) and part.is_file():
            # Files are skipped if they are locked, if this user may not delete them, or if the file
            # system has no locks.
            with contextlib.suppress(OSError):
                descriptor = os.open(part, os.O_RDONLY)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    part.unlink()
                finally:
                    os.close(descriptor)


def _create_part(target: Path) -> tuple[Path, int]:
    """Create and lock the temporary output file; return its path and descriptor."""
    while True:
        part = target.with_name(f".{target.name}.{make_id()}.part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        # If the file system has no locks, other processes cannot lock and delete the file either.
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return part, descriptor
        # Another process deleted the file before it was locked.
        os.close(descriptor)
