"""The files that commands are given: what they are, by name and by kind."""

from pathlib import Path, PurePath

from taskstead.schemas.transfer_formats import ImportFormat

STANDARD_STREAM = "-"
_ENDINGS: dict[str, ImportFormat] = {".csv": "csv", ".txt": "todotxt"}


def find_format(path: str) -> ImportFormat:
    """Return the format that the ending of a file stands for: JSON Lines unless it says more."""
    return _ENDINGS.get(PurePath(path).suffix.lower(), "jsonl")


def is_special(path: str) -> bool:
    """Tell whether there is a pipe, a device or such: to be written to, and not to be replaced."""
    target = Path(path)
    return target.exists() and not target.is_file()
