"""Which format a file of tasks has, by its name."""

from pathlib import PurePath

from taskstead.schemas.transfer_formats import ImportFormat

STANDARD_STREAM = "-"
_ENDINGS: dict[str, ImportFormat] = {".csv": "csv", ".txt": "todotxt"}


def find_format(path: str) -> ImportFormat:
    """Return the format that the ending of a file stands for: JSON Lines unless it says more."""
    return _ENDINGS.get(PurePath(path).suffix.lower(), "jsonl")
