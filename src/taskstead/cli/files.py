"""The files that commands are given: what they are, by name and by kind."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import BinaryIO

from taskstead.ids import make_id
from taskstead.schemas.transfer_formats import ImportFormat

STANDARD_STREAM = "-"
_ENDINGS: dict[str, ImportFormat] = {".csv": "csv", ".txt": "todotxt"}


def find_format(path: str) -> ImportFormat:
    """Return the format that the ending of a file stands for: JSON Lines unless it says more."""
    return _ENDINGS.get(PurePath(path).suffix.lower(), "jsonl")


@contextmanager
def open_target(path: str, *, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Open what to write to; a file has its name, and is on the disk, at the end of the block only.

    Args:
        path: a file; a pipe, a device or such, which is written to and not replaced; or ``-``.
        mode: who may use a file, as far as the process's own mask lets them.
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
    part = target.with_name(f".{target.name}.{make_id()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
