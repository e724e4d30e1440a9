"""The files that commands are given: what they are, by name and by kind."""

import contextlib
import fcntl
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import BinaryIO

from taskstead.cli.console import CommandFailedError
from taskstead.ids import make_id
from taskstead.schemas.transfer_formats import ENDINGS, FileFormat

STANDARD_STREAM = "-"
# Names of files that are being written; a UUID keeps those of several processes apart.
_PART = re.compile(r"\..+\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.part")


def find_format(path: str) -> FileFormat:
    """Return the format that the ending of a file stands for; JSON Lines for a pipe or a device.

    Raises:
        CommandFailedError: it stands for none.
    """
    if path == STANDARD_STREAM or (Path(path).exists() and not Path(path).is_file()):
        return "jsonl"
    kind = ENDINGS.get(PurePath(path).suffix.lower())
    if kind is None:
        raise CommandFailedError(
            f"The name of {path} does not say its format: use one of the endings "
            f"{', '.join(ENDINGS)}, or add --format."
        )
    return kind


@contextmanager
def open_target(path: str) -> Iterator[BinaryIO]:
    """Open what to write to. A file gets its name, and is on the disk, when the block ends.

    Only its owner may read it. Files that killed processes left unfinished beside it are removed.

    Args:
        path: a file; a pipe, a device or such, which is written to and not replaced; or ``-``.
    """
    if path == STANDARD_STREAM:
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


def remove_unfinished_files(folder: Path) -> None:
    """Remove the files that were being written when their process was killed.

    A process holds a lock on the file that it writes, which ends with the process.
    """
    for part in folder.iterdir():
        if _PART.fullmatch(part.name) and part.is_file():
            # Where it is not ours to remove, or the file system has no locks, it stays.
            with contextlib.suppress(OSError):
                descriptor = os.open(part, os.O_RDONLY)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    part.unlink()
                finally:
                    os.close(descriptor)


def _create_part(target: Path) -> tuple[Path, int]:
    """Create the file to write to before it gets its name; return it and its locked descriptor."""
    while True:
        part = target.with_name(f".{target.name}.{make_id()}.part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        # Some network file systems have no locks; then nobody can lock and remove it either.
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return part, descriptor
        # Another process has removed it, between the two lines above.
        os.close(descriptor)
