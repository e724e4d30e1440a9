"""The cache of names for completion."""

from pathlib import Path
from typing import Any

import pytest

from taskstead.client.names import MAX_NAMES, add_names, collect_names, complete, read_names


def test_names_are_collected_once() -> None:
    tasks: list[dict[str, Any]] = [
        {"category": {"name": "Home"}, "tags": ["a", "b"]},
        {"category": {"name": "Home"}, "tags": ["b"]},
        {"category": None, "tags": []},
        {"number": 1},
    ]
    assert collect_names(tasks) == {"categories": ["Home"], "tags": ["a", "b"]}


def test_latest_names_come_first(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "names.json"
    add_names(file, {"tags": ["a", "b"]})
    add_names(file, {"tags": ["b", "c"]})
    assert read_names(file) == {"categories": [], "tags": ["b", "c", "a"]}
    assert file.stat().st_mode & 0o777 == 0o600


def test_number_of_names_is_limited(tmp_path: Path) -> None:
    add_names(tmp_path / "names.json", {"tags": [str(n) for n in range(MAX_NAMES + 1)]})
    assert len(read_names(tmp_path / "names.json")["tags"]) == MAX_NAMES


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"tags": 1}', b"\xff"])
def test_damaged_cache_is_empty(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "names.json"
    file.write_bytes(content)
    assert complete(file, "tags", "") == []


def test_missing_folder_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    add_names(tmp_path / "file" / "names.json", {"tags": ["a"]})
    assert complete(tmp_path / "file" / "names.json", "tags", "") == []
