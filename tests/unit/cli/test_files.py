"""File formats by file name."""

from pathlib import Path

import pytest

from taskstead.cli.console import CommandFailedError
from taskstead.cli.files import find_format


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("tasks.jsonl", "jsonl"),
        ("tasks.ndjson", "jsonl"),
        ("folder.txt/tasks.csv", "csv"),
        ("TODO.TXT", "todotxt"),
        ("-", "jsonl"),
        ("/dev/null", "jsonl"),
    ],
)
def test_format_follows_from_the_extension(path: str, kind: str) -> None:
    assert find_format(path) == kind


@pytest.mark.parametrize(
    "name", ["out.xml", "tasks.ics", "tasks.json", "todo", "todo.txt.gz", ".csv"]
)
def test_unknown_extension_is_rejected(name: str, tmp_path: Path) -> None:
    path = str(tmp_path / name)
    with pytest.raises(CommandFailedError, match="--format") as caught:
        find_format(path)
    assert path in str(caught.value)
