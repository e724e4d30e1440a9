"""Static files: their types, and forms that were compressed at build time."""

from pathlib import Path

import pytest

from taskstead.http.static_files import load_static_files


def test_missing_folder_has_no_files(tmp_path: Path) -> None:
    assert load_static_files(tmp_path / "missing") == {}


def test_files_are_found_by_path_below_the_folder(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/app.js").write_text("let a;")
    assert load_static_files(tmp_path)["assets/app.js"].content == b"let a;"


def test_compressed_forms_belong_to_their_file(tmp_path: Path) -> None:
    (tmp_path / "app.js").write_text("let a;")
    (tmp_path / "app.js.br").write_bytes(b"small")
    files = load_static_files(tmp_path)
    assert files.keys() == {"app.js"}
    assert files["app.js"].compressed == {"br": b"small"}


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.css", "text/css; charset=utf-8"),
        ("a.webmanifest", "application/manifest+json"),
        ("a.png", "image/png"),
        ("a.unknown", "application/octet-stream"),
    ],
)
def test_content_type_follows_the_suffix(name: str, content_type: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"")
    assert load_static_files(tmp_path)[name].content_type == content_type
