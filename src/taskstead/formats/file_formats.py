"""The formats of task files, their media types and their file name extensions."""

from typing import Literal

FileFormat = Literal["jsonl", "csv", "todotxt"]
MEDIA_TYPES: dict[FileFormat, str] = {
    "jsonl": "application/x-ndjson",
    "csv": "text/csv",
    "todotxt": "text/plain",
}
# The format by file name extension. An export uses the first extension of its format.
FILE_EXTENSIONS: dict[str, FileFormat] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".txt": "todotxt",
}
