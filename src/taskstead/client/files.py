"""Private files of the client: profiles, and what commands remember."""

import contextlib
import os
from pathlib import Path


def replace_file(path: Path, text: str) -> None:
    """Write a file that only this user can read. Readers see the old or the new content.

    If the path is a symbolic link, its target is replaced. Missing folders are created.

    Raises:
        OSError: the file cannot be written. It is then unchanged.
    """
    target = path.resolve()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
